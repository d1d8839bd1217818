"""What the processor is called."""

import pytest

from tenfold.machine import processor


@pytest.mark.parametrize(
    ("text", "name"),
    [("processor: 0\nmodel name\t: Some  CPU @ 3 GHz\n", "Some CPU @ 3 GHz"), ("", None), (None, None)],
)
def test_processor_with_and_without_proc(tmp_path, text, name):
    path = tmp_path / "cpuinfo"
    if text is not None:
        path.write_text(text)
    found = processor(path)
    assert found == name if name else found
