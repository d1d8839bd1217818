"""Numbers as text, in ASCII, for the terminal, the report and the figures."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def percent(fraction: float | None, places: int = 2) -> str:
    """``0.9926`` as ``99.26 %``; a dash where there is no number.

    >>> percent(0.9926), percent(None)
    ('99.26 %', '-')
    """
    return "-" if fraction is None else f"{100 * fraction:.{places}f} %"


def told(fraction: float | None) -> str:
    """An accuracy with two decimals, or three if it has them.

    >>> told(0.9967), told(0.98114), told(None)
    ('99.67 %', '98.114 %', '-')
    """
    return percent(fraction, 2 if fraction is None or round(fraction, 4) == fraction else 3)


def percent_range(low_high: tuple[float, float] | None) -> str:
    """An interval of fractions, such as accuracies, cut at 0 and 100 %; a dash where there is none.

    Student's interval over a few runs may reach beyond what is possible.

    >>> percent_range((0.9919, 0.993)), percent_range((0.9882, 1.0034)), percent_range(None)
    ('99.19 % to 99.30 %', '98.82 % to 100.00 %', '-')
    """
    return "-" if low_high is None else " to ".join(percent(min(max(end, 0), 1)) for end in low_high)


def count(number: int | None) -> str:
    """``61706`` as ``61,706``; a dash where there is no number."""
    return "-" if number is None else f"{number:,}"


def seconds(duration: float | None) -> str:
    """A duration with about three figures, and minutes or hours where they are easier to read.

    >>> seconds(0.0312), seconds(4.25), seconds(4738)
    ('31.2 ms', '4.25 s', '1 h 19 min')
    """
    if duration is None:
        return "-"
    if duration < 1:
        return f"{1000 * duration:.3g} ms"
    if round(duration) < 60:
        return f"{duration:.3g} s"
    minutes, rest = divmod(round(duration), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(duration / 60), 60)
    return f"{hours} h {minutes} min"


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 image``, ``2 images``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def nats(loss: float) -> str:
    """A loss with four decimals."""
    return f"{loss:.4f}"


def chance(probability: float) -> str:
    """A probability in per cent with one decimal, never rounded to a certainty that it is not.

    >>> chance(0.99987), chance(0.5), chance(0.0002), chance(1.0)
    ('>99.9', '50.0', '<0.1', '100')
    """
    share = 100 * float(probability)
    if share >= 100:
        return "100"
    if share >= 99.95:
        return ">99.9"
    if share <= 0:
        return "0"
    return "<0.1" if share < 0.05 else f"{share:.1f}"


def about(number: float) -> str:
    """A number rounded to two figures.

    >>> about(1_138_086), about(12), about(3e12)
    ('1,100,000', '12', 'more than 1,000,000,000')
    """
    rounded = float(f"{number:.2g}")
    return "more than 1,000,000,000" if rounded > 1e9 else f"{rounded:,.0f}"


def chance_of(p: float) -> str:
    """A p-value: three decimals, or that it is smaller.

    >>> chance_of(0.0312), chance_of(0.00002), chance_of(1.0)
    ('p = 0.031', 'p < 0.001', 'p = 1')
    """
    number = p_value(p)
    return f"p {number}" if number.startswith("<") else f"p = {number}"


def p_value(p: float | None) -> str:
    """The same without its name, as in a table; a dash where there is none.

    >>> p_value(0.0312), p_value(0.00002), p_value(1.0), p_value(None)
    ('0.031', '< 0.001', '1', '-')
    """
    if p is None:
        return "-"
    if p < 0.001:
        return "< 0.001"
    return "1" if p > 0.9995 else f"{p:.3f}"


def points_range(low_high: tuple[float, float] | None, places: int = 3) -> str:
    """An interval of differences in points; a dash where there is none.

    >>> points_range((0.0012, 0.02)), points_range(None)
    ('+0.120 to +2.000', '-')
    """
    return "-" if low_high is None else " to ".join(points(end, places) for end in low_high)


def points(difference: float, places: int = 3) -> str:
    """A difference of accuracies with its sign, in percentage points.

    >>> points(0.00123), points(-0.02)
    ('+0.123', '-2.000')
    """
    return f"{100 * difference:+.{places}f}"


def command(*words: str, options: Mapping[str, object]) -> str:
    """Return a command with those options that have a value, quoted for a shell.

    >>> command("tenfold", "train", "lenet5", options={"--data": "my digits", "--epochs": None, "--seed": 0})
    "tenfold train lenet5 --data 'my digits' --seed 0"
    """
    given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
    return shlex.join([*words, *given])
