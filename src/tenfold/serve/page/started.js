// Imported by the script of each page: it runs when all its files were loaded, and removes the line that says otherwise.

document.getElementById("starting")?.remove();
