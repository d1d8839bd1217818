"""Where arithmetic happens: ``portable`` defines each kernel, ``cpu`` compiles it."""
