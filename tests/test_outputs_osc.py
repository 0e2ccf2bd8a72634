"""OSC: bytes laid out by hand, and python-osc as a reader that knows nothing of us."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from bridge.outputs.osc import MOST_BYTES, MOST_MESSAGES, Message, bundles, string


@pytest.mark.parametrize(
    ("text", "data"),
    [("", b"\0\0\0\0"), ("abc", b"abc\0"), ("data", b"data\0\0\0\0"), ("é", b"\xc3\xa9\0\0")],
)
def test_strings_end_in_zeros_and_fill_four_bytes(text: str, data: bytes) -> None:
    assert string(text) == data


def test_a_message_is_as_laid_out_by_hand() -> None:
    assert Message("/VMC/Ext/Blend/Val", "Joy", types="f")(0.5) == (b"/VMC/Ext/Blend/Val\0\0,sf\0Joy\0\x3f\0\0\0")
    assert Message("/VMC/Ext/Blend/Apply")() == b"/VMC/Ext/Blend/Apply\0\0\0\0,\0\0\0"
    assert Message("/VMC/Ext/OK", types="i")(1) == b"/VMC/Ext/OK\0,i\0\0\0\0\0\x01"


def test_a_bundle_is_as_laid_out_by_hand() -> None:
    (data,) = bundles([b"/a\0\0,\0\0\0", b"/b\0\0,i\0\0\0\0\0\x07"])
    assert data == (b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x08/a\0\0,\0\0\0\0\0\0\x0c/b\0\0,i\0\0\0\0\0\x07")


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    st.floats(width=32, allow_nan=False),
    st.integers(-(2**31), 2**31 - 1),
)
def test_python_osc_reads_what_was_written(text: str, number: float, count: int) -> None:
    message = OscMessage(Message("/VMC/Ext/X", text, types="fi")(number, count))
    assert message.address == "/VMC/Ext/X"
    assert list(message) == [text, number, count]


@given(st.lists(st.integers(0, 120), max_size=80))
def test_bundles_hold_everything_in_order_and_within_bounds(lengths: list[int]) -> None:
    messages = [Message("/m", "x" * length, types="i")(i) for i, length in enumerate(lengths)]
    made = list(bundles(messages))
    read = [list(message)[1] for data in made for message in OscBundle(data)]  # type: ignore[arg-type]
    assert read == list(range(len(lengths)))
    assert all(len(data) <= MOST_BYTES for data in made)
    assert all(OscBundle(data).num_contents <= MOST_MESSAGES for data in made)


def test_a_wrong_count_of_numbers_is_refused() -> None:
    with pytest.raises(struct.error):
        Message("/x", types="ff")(1.0)
