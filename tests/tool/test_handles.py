"""Objects that stay in the worker: built by recipe for an example, changed by calls, read back as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch

from exercises._shared._model import asked_timesteps
from grader.checks import CheckFailure
from grader.course.model import Function
from grader.errors import GraderError
from grader.sandbox.outside.failures import SubmissionError
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.handles import Handle
from grader.workbench.denoisers import GaussianDenoiser
from helpers.equipment import BENCH, WITH_MODEL
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.sandbox.outside.server import ForkServer

ABAR = torch.linspace(0.99, 0.01, 10)
DENOISER = Handle("denoiser", {"kind": "gaussian", "alphas_cumprod": ABAR, "mean": 2.0, "std": 0.5})
UNET, TABLE = Handle("unet", {}), Handle("text_encoder", {})


@pytest.fixture
def opened(model_server: ForkServer) -> Iterator[Callable[..., tuple[RemoteSubmission, Session]]]:
    sessions = []

    def open_submission(source: str, returns: str = "", **options: Any) -> tuple[RemoteSubmission, Session]:
        session = Session(
            model_server,
            {"work.py": source},
            {"answer": "work.py"},
            call_seconds=PLENTY,
            equipment=WITH_MODEL,
            **options,
        )
        sessions.append(session)
        return RemoteSubmission(
            session, (Function("answer", ("a", "b", "c", "d"), returns, "def answer(a, b, c, d)"),)
        ), session

    yield open_submission
    for session in sessions:
        session.close()


@pytest.fixture
def submission(opened: Callable[..., tuple[RemoteSubmission, Session]]) -> Callable[..., RemoteSubmission]:
    return lambda source, **options: opened(source, **options)[0]


def test_a_handle_arrives_as_the_object_it_stands_for(submission: Callable[..., RemoteSubmission]) -> None:
    x = torch.randn(3, generator=torch.Generator().manual_seed(0))
    actual = submission("def answer(model, x): return model(x, 4)").answer(DENOISER, x)
    assert torch.equal(actual, GaussianDenoiser(ABAR, 2.0, 0.5)(x, 4))


def test_the_calls_of_a_model_are_read_back_in_order(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(model, x):\n    for t in (7, 3): model(x, t)")
    remote.answer(DENOISER, torch.zeros(2, 3))
    calls = remote.read.calls(DENOISER)
    assert [(call["timestep"], call["shape"]) for call in calls] == [(7, [2, 3]), (3, [2, 3])]
    assert all(torch.equal(call["sample"], torch.zeros(2, 3)) for call in calls)


def test_live_tensors_are_counted_where_that_is_asked(submission: Callable[..., RemoteSubmission]) -> None:
    counting = Handle("denoiser", {**DENOISER.arguments, "counts_tensors": True})
    source = "kept = []\ndef answer(model, x):\n    for t in range(3): kept.append(x + 0); model(x, t)"
    remote = submission(source)
    remote.answer(counting, torch.zeros(1))
    first, second, third = (call["live_tensors"] for call in remote.read.calls(counting))
    assert (second - first, third - second) == (1, 1)


def test_equal_handles_are_one_object_within_an_example(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(first, second): return first is second")
    assert remote.answer(UNET, UNET) is True
    assert remote.answer(DENOISER, Handle("denoiser", {**DENOISER.arguments, "mean": 1.0})) is False


def test_what_one_call_changes_the_next_one_meets(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(unet):\n    unet.conv_in.bias.data += 1\n    return float(unet.conv_in.bias[0])")
    assert remote.answer(UNET) + 1 == pytest.approx(remote.answer(UNET))


def test_a_new_example_gets_new_objects(opened: Callable[..., tuple[RemoteSubmission, Session]]) -> None:
    remote, session = opened(
        "def answer(unet):\n    unet.conv_in.bias.data += 1\n    return float(unet.conv_in.bias[0])"
    )
    before = remote.answer(UNET)
    session.transcript.begin_example()
    assert remote.answer(UNET) == before


def test_a_scheduler_is_new_in_every_call(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission(
        "def answer(s):\n    fresh = s.num_inference_steps is None\n    s.set_timesteps(5)\n    return fresh, type(s).__name__"
    )
    for _ in range(2):
        assert remote.answer(Handle("scheduler", {"kind": "euler"})) == (True, "EulerDiscreteScheduler")


def test_weights_come_back_to_the_bit(submission: Callable[..., RemoteSubmission]) -> None:
    from grader.diffusion.loading import load

    remote = submission("def answer(unet): pass")
    remote.answer(UNET)
    weights = load().unet.state_dict()
    read = remote.read.state_dict(UNET)
    assert read.keys() == weights.keys()
    assert all(torch.equal(read[name], value) for name, value in weights.items())


def test_a_changed_weight_shows(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(encoder): encoder.get_input_embeddings().weight.data[3] += 1e-4")
    before = remote.read.state_dict(TABLE)
    remote.answer(TABLE)
    after = remote.read.state_dict(TABLE)
    assert [name for name, value in before.items() if not torch.equal(value, after[name])] == [
        "embeddings.token_embedding.weight"
    ]


def test_which_parameters_are_trainable_is_read_back(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(unet):\n    unet.requires_grad_(False)\n    unet.conv_in.bias.requires_grad_(True)")
    remote.answer(UNET)
    assert remote.read.trainable(UNET) == ["conv_in.bias"]


def test_a_backward_pass_leaves_gradients_to_read(submission: Callable[..., RemoteSubmission]) -> None:
    source = "def answer(unet, x):\n    unet.requires_grad_(False)\n    unet.conv_in.bias.requires_grad_(True)\n"
    remote = submission(source + "    return (unet.conv_in(x).sum() * x.mean())", returns="torch.Tensor")
    x = torch.ones(1, 4, 2, 2, requires_grad=True)
    observed = remote.answer.backward(UNET, x)
    assert observed.arguments["b"].grad is not None
    gradients = remote.read.gradients(UNET)
    assert list(gradients) == ["conv_in.bias"]
    assert torch.allclose(gradients["conv_in.bias"], torch.full_like(gradients["conv_in.bias"], 4.0))


def test_a_result_without_a_graph_cannot_go_back(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(x): return x.sum().detach()", returns="torch.Tensor")
    with pytest.raises(SubmissionError, match="no gradient can flow back from"):
        remote.answer.backward(torch.ones(2, requires_grad=True))


JUNK = {
    "nothing": "None",
    "a bool": "True",
    "a number": "7",
    "a fraction": "float('nan')",
    "a text": "'x'",
    "a list": "[1, 'x', None]",
    "lists without end": "[[[[[[]]]]]]",
    "a dict of numbers": "{'a': 1}",
    "a dict by number": "{1: {2: 3}}",
    "an object": "object()",
    "a list of almost the right dicts": "[{'timestep': 5, 'shape': [1, '2']}]",
}
TAMPERS_WITH_READERS = """
import sys
def answer(*_):
    [bench] = [module.WORKBENCH for name, module in sys.modules.items() if name.startswith("workbench_")]
    for reader in bench.readers.values():
        object.__setattr__(reader, "function", lambda *_, **__: {junk})
"""


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_a_reader_that_was_tampered_with_is_the_submissions_failure(
    junk: str, submission: Callable[..., RemoteSubmission]
) -> None:
    remote = submission(TAMPERS_WITH_READERS.replace("{junk}", junk))
    remote.answer(UNET)
    for reader in ("calls", "state_dict"):
        with pytest.raises(SubmissionError, match=f"What `{reader}` should show of an object cannot be read any more"):
            getattr(remote.read, reader)(UNET)


def test_handles_of_other_identities_are_objects_of_their_own(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(*given): return [one is given[0] for one in given]")
    twin = DENOISER._replace(identity=1)
    assert remote.answer(DENOISER, twin, DENOISER) == [True, False, True]


def test_an_object_comes_back_with_its_identity(submission: Callable[..., RemoteSubmission]) -> None:
    twin = DENOISER._replace(identity=1)
    observed = submission("def answer(*given): pass").answer.called_with(DENOISER, twin)
    assert observed.arguments == {"a": Handle("denoiser", {}), "b": Handle("denoiser", {}, 1)}


def test_a_recipe_that_the_workbench_lacks_is_the_checks_mistake(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(*given): pass")
    with pytest.raises(LookupError, match="There is no recipe `oracle`, only: unet, "):
        remote.answer([{"deep": Handle("oracle", {})}])


def test_a_reader_that_is_none_is_the_checks_mistake(submission: Callable[..., RemoteSubmission]) -> None:
    with pytest.raises(AttributeError, match="no reader `weights`"):
        submission("def answer(): pass").read.weights(UNET)


def test_a_timestep_for_every_picture_counts_as_one() -> None:
    calls = [{"timestep": [[5], [5]]}, {"timestep": [5, 5]}, {"timestep": 3.0}]
    assert asked_timesteps(calls) == [5.0, 3.0]
    for odd in ([], [5, 6], [[5], [6]], None, "x", [None]):
        with pytest.raises(CheckFailure, match="one timestep at a time"):
            asked_timesteps([{"timestep": odd}])


def test_a_file_that_was_written_is_read_back(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("def answer(name): open(name, 'w').write('hello')")
    remote.answer("note.txt")
    assert remote.read.file("note.txt").tobytes() == b"hello"
    assert remote.read.file("none.txt") is None


def test_arguments_come_back_with_handles_for_objects(submission: Callable[..., RemoteSubmission]) -> None:
    observed = submission("def answer(unet, box): box.append(unet)").answer.called_with(UNET, [1])
    assert observed.arguments == {"a": Handle("unet", {}), "b": [1, Handle("unet", {})]}


def test_what_is_read_aside_is_no_part_of_the_example(
    opened: Callable[..., tuple[RemoteSubmission, Session]],
) -> None:
    """Else a mistake would be known only from submissions that call the model in the same way."""
    remote, session = opened("def answer(a, b, c, d): return a(b, c)")
    assert remote.aside.calls(DENOISER) == []
    remote.answer(DENOISER, torch.zeros(2), 7, None)
    assert [call["timestep"] for call in remote.aside.calls(DENOISER)] == [7]
    assert [call.question.call.function for call in session.transcript.example] == ["answer"]
    assert [call["timestep"] for call in remote.read.calls(DENOISER)] == [7]
    assert [call.question.call.function for call in session.transcript.example] == ["answer", "calls"]


def test_readers_do_not_show_among_the_calls_of_a_counterexample(
    opened: Callable[..., tuple[RemoteSubmission, Session]],
) -> None:
    from grader.plugin.outcome import explain

    remote, session = opened("def answer(unet): return 1")
    remote.answer(UNET)
    remote.read.calls(UNET)
    exercise = type("Exercise", (), {"functions": (Function("answer", ("unet",), "", ""),)})()
    found = explain(CheckFailure("wrong"), exercise, session).counterexample
    assert found is not None
    assert found.call == "answer(unet=<unet>)"


def test_an_answer_cannot_carry_a_handle_to_the_judges_objects(submission: Callable[..., RemoteSubmission]) -> None:
    """A handle from a worker stays one: the judge builds nothing from it."""
    source = "from grader.sandbox.wire.handles import Handle\ndef answer(): return Handle('unet', {'a': 1})"
    assert submission(source).answer() == Handle("unet", {"a": 1})


def test_a_forbidden_part_of_a_package_is_refused_and_the_rest_is_not(
    submission: Callable[..., RemoteSubmission],
) -> None:
    source = "def answer(name):\n    import diffusers\n    return getattr(diffusers, name).__name__"
    remote = submission(source, forbidden=["diffusers.pipelines"])
    assert remote.answer("DDIMScheduler") == "DDIMScheduler"
    with pytest.raises(SubmissionError, match=r"`diffusers\.pipelines` may not be imported"):
        remote.answer("StableDiffusionImg2ImgPipeline")


FINDS_A_CLASS = """
def answer(name):
    found, waiting = set(), [object]
    while waiting:
        new = set(type.__subclasses__(waiting.pop())) - found
        found |= new
        waiting += new
    [found] = [each for each in found if each.__name__ == name]
    return sorted(attribute for attribute, value in vars(found).items() if hasattr(value, "__code__"))
"""


def test_the_classes_of_a_forbidden_module_are_empty(submission: Callable[..., RemoteSubmission]) -> None:
    assert "postprocess" in submission(FINDS_A_CLASS).answer("VaeImageProcessor")
    remote = submission(FINDS_A_CLASS, forbidden=["diffusers.image_processor"])
    assert remote.answer("VaeImageProcessor") == []
    assert "encode" in remote.answer("AutoencoderKL")


def test_a_function_of_a_forbidden_module_that_somebody_else_has_does_nothing(
    submission: Callable[..., RemoteSubmission],
) -> None:
    source = """
def answer():
    from diffusers.utils import deprecate  # of a module that holds a reference to it
    return deprecate("a", "9.9", "b")
"""
    with pytest.raises(SubmissionError, match="part of a module that may not be used in this exercise"):
        submission(source, forbidden=["diffusers.utils.deprecation_utils"]).answer()


def test_what_a_worker_computes_with_is_refused_and_not_emptied(submission: Callable[..., RemoteSubmission]) -> None:
    remote = submission("import torch\ndef answer(): return torch.ones(2)", forbidden=["numpy", "torch.nn", "json"])
    assert remote.answer().tolist() == [1, 1]


def test_a_worker_without_a_model_has_nothing_of_what_another_one_brought_along(
    opened: Callable[..., tuple[RemoteSubmission, Session]], model_server: ForkServer
) -> None:
    source = "import sys\ndef answer(): return 'diffusers' in sys.modules"
    assert opened(source)[0].answer() is True
    session = Session(model_server, {"work.py": source}, {"answer": "work.py"}, call_seconds=PLENTY, equipment=BENCH)
    assert session.call("answer", (), {}).result is False
    session.close()


def test_a_package_that_is_forbidden_as_a_whole_is_not_imported_for_the_model(model_server: ForkServer) -> None:
    source = "import sys\ndef answer(unet): return [type(unet).__name__, sys.modules.get('peft', 'there')]"
    equipment = msgspec.structs.replace(WITH_MODEL, without=("peft",))
    session = Session(
        model_server, {"work.py": source}, {"answer": "work.py"}, call_seconds=PLENTY, equipment=equipment
    )
    found = session.call("answer", (UNET,), {}).result
    session.close()
    assert found == ["UNet2DConditionModel", None]


def test_a_package_that_the_model_needs_cannot_be_forbidden_as_a_whole(model_server: ForkServer) -> None:
    for _ in range(2):  # the second one gets another try
        with pytest.raises(GraderError, match="cannot be loaded without `diffusers`, which a rubric forbids"):
            model_server.prepare(msgspec.structs.replace(WITH_MODEL, without=("diffusers",)))
    model_server.prepare(WITH_MODEL)
