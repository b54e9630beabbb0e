import pickle

from core.errors import DataError, SpecError


def test_an_error_says_what_happened_which_value_and_what_to_do():
    error = SpecError("dropout is out of range", 1.5, "Use a value from 0.0 to 0.95")
    assert str(error) == "dropout is out of range. Got 1.5. Use a value from 0.0 to 0.95."


def test_an_error_without_a_value_leaves_it_out():
    assert str(DataError("The file is empty", None, "Choose another")) == "The file is empty. Choose another."


def test_a_long_value_is_cut():
    assert len(str(DataError("Too long.", "x" * 10_000, "Cut it."))) < 300


def test_an_error_survives_a_trip_through_another_process():
    error = pickle.loads(pickle.dumps(DataError("a", 3, "b")))
    assert isinstance(error, DataError)
    assert (error.what, error.value, error.remedy) == ("a.", 3, "b.")
