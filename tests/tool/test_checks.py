"""What check files import: assertions, descriptions and strategies."""

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from PIL import Image

from grader.checks import (
    CheckFailure,
    assert_close,
    assert_equal,
    assert_far,
    assert_like,
    assert_one_of,
    describe,
    distance,
    observe_distances,
)
from grader.checks import strategies as draw
from grader.checks.assertions import same
from grader.errors import GraderError
from helpers.odd_values import Unprintable

ROOT = Path(__file__).parents[2]
X_T = torch.tensor([[0.5, -1.25], [2.0, 4.0]])

quick = settings(database=None, derandomize=True, max_examples=50)


def failure(assertion: Callable[..., object], *arguments: object, **options: object) -> CheckFailure:
    """Return the failure in which an assertion ends."""
    with pytest.raises(CheckFailure) as caught:
        assertion(*arguments, **options)
    return caught.value


def close_sentence(actual: object, **options: object) -> str:
    return failure(assert_close, actual, X_T, "The values are wrong.", **options).sentence


# --- assert_close ------------------------------------------------------------------------------------------------


def test_close_values_pass() -> None:
    assert_close(X_T + 1e-5, X_T, "The values are wrong.")


def test_a_parameter_with_a_gradient_is_a_tensor_like_any_other() -> None:
    assert_close(torch.nn.Parameter(X_T.clone()), X_T, "The values are wrong.")


def test_an_empty_expectation_is_met_by_an_empty_result() -> None:
    assert_close(torch.empty(0, 2), torch.empty(0, 2), "The values are wrong.")


def test_far_values_fail_with_the_evidence() -> None:
    wrong = X_T.clone()
    wrong[0, 1] = 0.75
    found = failure(assert_close, wrong, X_T, "The values are wrong.")
    assert found.sentence == "The values are wrong."
    assert found.expected == "tensor([[0.5, -1.25], [2.0, 4.0]])"
    assert found.actual == "tensor([[0.5, 0.75], [2.0, 4.0]])"
    assert found.where == "[0, 1]: 0.75 instead of -1.25"
    assert found.difference == pytest.approx(0.5)
    assert found.tolerance == 1e-4


def test_a_failure_reads_as_sentence_and_evidence() -> None:
    text = str(failure(assert_close, X_T + 4.0, X_T, "The values are wrong."))
    assert text == (
        "The values are wrong.\n"
        "  expected: tensor([[0.5, -1.25], [2.0, 4.0]])\n"
        "  actual:   tensor([[4.5, 2.75], [6.0, 8.0]])\n"
        "  where:    [0, 0]: 4.5 instead of 0.5\n"
        "  difference: 1, relative to the largest number expected (at least 1); up to 0.0001 is accepted"
    )


def test_large_values_are_compared_in_proportion() -> None:
    assert_close(X_T * 1e6 + 1.0, X_T * 1e6, "The values are wrong.")


def test_small_values_are_compared_as_they_are() -> None:
    assert failure(assert_close, X_T * 1e-3 + 1e-3, X_T * 1e-3, "The values are wrong.").difference == pytest.approx(
        1e-3
    )


def test_double_precision_has_a_smaller_tolerance() -> None:
    assert failure(assert_close, X_T.double() + 1e-4, X_T.double(), "The values are wrong.").tolerance == 1e-5


def test_a_check_may_give_its_own_tolerance() -> None:
    assert_close(X_T + 0.5, X_T, "The values are wrong.", tolerance=0.2)


def test_none_is_answered_with_a_question_about_return() -> None:
    assert close_sentence(None) == (
        "The result is None; it must be a torch.Tensor. Does every path of the function end in `return`?"
    )


def test_another_type_is_named() -> None:
    assert close_sentence(0.5) == "The result is of type float; it must be a torch.Tensor of shape [2, 2], float32."


def test_a_described_value_is_named_by_its_own_type() -> None:
    assert "of type MaskedTensor;" in close_sentence(SimpleNamespace(type_name="MaskedTensor", text="a mask"))


def test_another_shape_names_both_shapes() -> None:
    assert close_sentence(X_T.reshape(4)) == "The result has shape [4]; it must have shape [2, 2]."


def test_another_shape_names_the_argument_it_should_follow() -> None:
    sentence = close_sentence(X_T.reshape(4), like="x_t")
    assert sentence == "The result has shape [4]; it must have the shape of x_t, [2, 2]."


def test_a_shape_that_would_broadcast_is_refused() -> None:
    assert close_sentence(torch.tensor(1.0)) == "The result has shape []; it must have shape [2, 2]."


def test_another_dtype_names_both_dtypes() -> None:
    sentence = close_sentence(X_T.double(), like="x_t")
    assert sentence == "The result has dtype float64; it must have the dtype of x_t, float32."


def test_a_sparse_tensor_is_refused() -> None:
    assert "it must be an ordinary dense tensor on cpu" in close_sentence(X_T.to_sparse())


def test_a_tensor_without_numbers_is_refused() -> None:
    assert "it must be an ordinary dense tensor on cpu" in close_sentence(X_T.to("meta"))


@pytest.mark.parametrize(("number", "name"), [(math.nan, "NaN"), (math.inf, "infinity"), (-math.inf, "infinity")])
def test_numbers_that_are_not_finite_are_named_and_placed(number: float, name: str) -> None:
    broken = X_T.clone()
    broken[1, 0] = number
    found = failure(assert_close, broken, X_T, "The values are wrong.")
    assert found.sentence.startswith(f"The result holds {name}: not finite in 1 of 4 places.")
    assert found.where == "first at [1, 0]"


def test_the_largest_double_is_just_a_wrong_value() -> None:
    largest = torch.full((2,), torch.finfo(torch.float64).max, dtype=torch.float64)
    assert failure(assert_close, largest, -largest, "The values are wrong.").sentence == "The values are wrong."


def test_an_expectation_that_is_not_finite_is_the_graders_fault() -> None:
    with pytest.raises(GraderError, match="not finite"):
        assert_close(X_T, X_T / 0, "The values are wrong.")


def test_a_dtype_without_tolerance_is_the_graders_fault() -> None:
    with pytest.raises(GraderError, match=r"no tolerance for torch\.float16"):
        assert_close(X_T.half(), X_T.half(), "The values are wrong.")


@quick
@given(shape=draw.shapes(), dtype=draw.dtypes(), seed=draw.seeds())
def test_every_tensor_is_close_and_equal_to_itself(shape: draw.Shape, dtype: torch.dtype, seed: int) -> None:
    (tensor,) = draw.random_tensors(1, shape, dtype, seed)
    assert_close(tensor.clone(), tensor, "The values are wrong.")
    assert_equal(tensor.clone(), tensor, "The values are wrong.")


# --- observe_distances -------------------------------------------------------------------------------------------


def test_distances_are_reported_to_whoever_listens() -> None:
    with observe_distances() as seen:
        assert_close(X_T + 2e-5, X_T, "The values are wrong.")
    assert [(one.sentence, one.tolerance) for one in seen] == [("The values are wrong.", 1e-4)]
    assert seen[0].distance == pytest.approx(5e-6, rel=0.1)


def test_the_distance_of_a_failure_is_reported_too() -> None:
    with observe_distances() as seen:
        failure(assert_close, X_T + 4.0, X_T, "The values are wrong.")
    assert [one.distance for one in seen] == [1.0]


def test_observers_may_be_nested() -> None:
    with observe_distances() as outer:
        with observe_distances() as inner:
            assert_close(X_T, X_T, "The first.")
        assert_close(X_T, X_T, "The second.")
    assert [one.sentence for one in inner] == ["The first."]
    assert [one.sentence for one in outer] == ["The first.", "The second."]


def test_nothing_is_reported_after_the_block() -> None:
    with observe_distances() as seen:
        pass
    assert_close(X_T, X_T, "The values are wrong.")
    assert seen == []


def test_distance_is_relative_to_the_largest_expected_number() -> None:
    assert distance(torch.tensor([0.0, 6.0]), torch.tensor([0.0, 4.0])) == 0.5


# --- assert_equal ------------------------------------------------------------------------------------------------


def test_equal_means_to_the_bit() -> None:
    almost = torch.nextafter(X_T, torch.tensor(9.0))
    found = failure(assert_equal, almost, X_T, "The rows have moved.")
    assert found.sentence == "The rows have moved."
    assert found.where == "[1, 1]: 4.0000004768371582 instead of 4"


def test_nan_in_the_same_place_is_equal() -> None:
    broken = torch.tensor([math.nan, 1.0])
    assert_equal(broken.clone(), broken, "The rows have moved.")


def test_nan_in_another_place_is_not_equal() -> None:
    found = failure(assert_equal, torch.tensor([1.0, math.nan]), torch.tensor([1.0, 1.0]), "The rows have moved.")
    assert found.where == "[1]: nan instead of 1.0"


def test_negative_zero_equals_zero() -> None:
    assert_equal(torch.tensor([-0.0]), torch.tensor([0.0]), "The rows have moved.")


def test_equality_names_what_has_the_wrong_shape() -> None:
    found = failure(assert_equal, X_T[:1], X_T, "The rows have moved.", what="table after the call")
    assert found.sentence == "table after the call has shape [1, 2]; it must have shape [2, 2]."


@pytest.mark.parametrize("value", [15, 0.5, "a", None, [3, 1], (1, 2), {"a": [1.0]}, math.nan, True])
def test_equal_data_pass(value: object) -> None:
    assert_equal(value, value, "The data differ.")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (14, 15), (True, 1), (1.0, 1), ([1, 3], [3, 1]), ([1], [1, 2]), ((1,), [1]), ({"a": 1}, {"b": 1}), (None, 0),
        (X_T, 1), ([X_T], [1]),
    ],
)  # fmt: skip
def test_other_data_fail(actual: object, expected: object) -> None:
    assert failure(assert_equal, actual, expected, "The data differ.").sentence == "The data differ."


def test_the_type_is_told_where_it_is_the_difference() -> None:
    assert failure(assert_equal, 1.0, 1, "The data differ.").actual == "1.0 (float)"


# --- assert_one_of, assert_like, assert_far ----------------------------------------------------------------------


def test_one_of_several_numbers_passes() -> None:
    assert_one_of(16, (15, 16), "The index is wrong.")


def test_none_of_several_numbers_fails_and_lists_them() -> None:
    found = failure(assert_one_of, 17, (15, 16), "The index is wrong.")
    assert (found.expected, found.actual) == ("15 or 16", "17")


def test_a_range_is_described_by_its_ends() -> None:
    assert failure(assert_one_of, 51, range(51), "The index is wrong.").expected == "an int from 0 to 50"


def test_a_float_is_not_one_of_the_ints() -> None:
    assert failure(assert_one_of, 15.0, (15, 16), "The index is wrong.").actual == "15.0 (float)"


def test_like_returns_a_plain_tensor_to_compute_with() -> None:
    plain = assert_like(torch.nn.Parameter(X_T.clone()), X_T)
    assert type(plain) is torch.Tensor
    assert not plain.requires_grad


def test_like_does_not_ask_for_the_examples_values() -> None:
    assert failure(assert_like, None, X_T).expected == "a tensor of shape [2, 2], float32"


def test_like_names_what_it_looks_at() -> None:
    found = failure(assert_like, X_T.int(), X_T, what="The table after the call", like="original")
    assert found.sentence == "The table after the call has dtype int32; it must have the dtype of original, float32."


def test_far_tensors_prove_something() -> None:
    assert_far(X_T, -X_T, least=1.0)


def test_near_tensors_prove_nothing_and_are_the_graders_fault() -> None:
    with pytest.raises(GraderError, match="proves nothing"):
        assert_far(X_T, X_T + 1e-3, least=0.1)


# --- describe ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (X_T, "tensor([[0.5, -1.25], [2.0, 4.0]])"),
        (X_T.double()[0], "tensor([0.5, -1.25], dtype=torch.float64)"),
        (torch.tensor(3), "tensor(3, dtype=torch.int64)"),
        (torch.tensor([True]), "tensor([True], dtype=torch.bool)"),
        (torch.tensor([math.nan, math.inf]), "tensor([nan, inf])"),
        (torch.tensor([1 / 3]), "tensor([0.333333])"),
        (torch.empty(0, 3), "an empty tensor of shape [0, 3], float32"),
        (X_T.to("meta"), "a torch.strided tensor of shape [2, 2] on meta"),
        (X_T.to_sparse(), "a torch.sparse_coo tensor of shape [2, 2] on cpu"),
        (None, "None"),
        ("a word", "'a word'"),
        ([1, 0.5, [True]], "[1, 0.5, [True]]"),
        ((1,), "(1,)"),
        ({"a": X_T[0]}, "{'a': tensor([0.5, -1.25])}"),
        (Image.new("RGB", (3, 2)), "a PIL image of mode RGB, 3 wide and 2 high"),
        (Unprintable(), "a value of type Unprintable"),
        (SimpleNamespace(type_name="Thing", text="<a thing>"), "<a thing>"),
    ],
)
def test_values_are_described(value: object, text: str) -> None:
    assert describe(value) == text


def test_a_long_tensor_is_summed_up() -> None:
    text = describe(torch.arange(100.0).reshape(4, 25))
    assert text == "tensor of shape [4, 25], from 0.0 to 99.0"
    assert describe(torch.arange(20)) == "tensor of shape [20], int64, from 0 to 19"
    assert describe(torch.full((20,), 1 / 3)) == "tensor of shape [20], all 0.333333"


def test_nan_in_a_long_tensor_is_counted() -> None:
    assert describe(torch.full((20,), math.nan)) == "tensor of shape [20], all NaN"
    some = torch.arange(20.0)
    some[3] = math.nan
    assert describe(some) == "tensor of shape [20], from 0.0 to 19.0, 1 NaN"


def test_a_long_text_is_cut() -> None:
    assert len(describe("word " * 1000)) == 200


@quick
@given(shape=draw.shapes(), seed=draw.seeds())
def test_drawn_numbers_have_two_decimals(shape: draw.Shape, seed: int) -> None:
    (tensor,) = draw.random_tensors(1, shape, torch.float64, seed)
    assert torch.equal((tensor * 100).round() / 100, tensor)


@quick
@given(shape=draw.shapes(), dtype=draw.dtypes(), seed=draw.seeds())
def test_drawn_numbers_may_have_all_digits(shape: draw.Shape, dtype: torch.dtype, seed: int) -> None:
    (tensor,) = draw.random_tensors(1, shape, dtype, seed, decimals=None)
    assert bool((tensor != tensor.double().round(decimals=6).to(dtype)).any())


def test_checks_import_nothing_heavy_but_torch() -> None:
    code = (
        "import sys, torch, grader.checks.strategies\n"
        "print({'diffusers', 'torch._dynamo', 'pytest'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("actual", "expected", "equal"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0]), False),
        (np.array([1.0]), np.array([1]), False),
        (np.array([[1.0]]), np.array([1.0]), False),
        (np.array(["a", "b"]), np.array(["a", "b"]), True),
        (np.array([]), np.array([]), True),
        ([np.array([1, 2])], [np.array([1, 2])], True),
        (np.array([1, 2]), [1, 2], False),
        ([1, 2], np.array([1, 2]), False),
    ],
)
def test_arrays_are_the_same_if_shape_dtype_and_all_numbers_are(actual: object, expected: object, equal: bool) -> None:
    assert same(actual, expected) is equal
