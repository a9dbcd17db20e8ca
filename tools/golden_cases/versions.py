"""Which versions of the engine a definition may ask for."""

from .build import Case, Json, definition, parameter, run, validate

P = parameter("p")
WORKFLOW = definition([P], [], {"p": "$inputs.p"})
VERSIONS = {
    "1": "1", "1_0": "1.0", "1_0_0": "1.0.0", "1_1_0": "1.1.0", "1_15_0": "1.15.0",
    "1_15": "1.15", "1_99": "1.99", "2": "2.0", "0_9": "0.9", "9_9": "9.9", "abc": "abc",
    "v1_0": "v1.0", "1_0_rc": "1.0rc1", "1_0_dev": "1.0.dev0", "1_0_post": "1.0.post1",
    "epoch": "1!1.0", "spaces": " 1.0 ", "empty": "", "words": "1.0 beta", "dash": "1-0",
    "negative": "-1",
}  # fmt: skip
ODD = {"number": 1, "float": 1.0, "null": None, "list": ["1.0"], "object": {"a": 1}, "zero": 0,
       "true": True}  # fmt: skip


def versioned(name: str, about: str, version: Json) -> Case:
    return run(f"version_{name}", about, {**WORKFLOW, "version": version}, {"p": 1})


ABSENT = {key: value for key, value in WORKFLOW.items() if key != "version"}
CASES = [
    *[versioned(name, f"version {version!r}", version) for name, version in VERSIONS.items()],
    *[versioned(name, f"a version that is no text: {name}", version)
      for name, version in ODD.items()],
    run("version_absent", "no version", ABSENT, {"p": 1}),
    validate("validate_version", "a version that is not there", {**WORKFLOW, "version": "3.0"}),
    validate("validate_version_absent", "no version", ABSENT),
]  # fmt: skip
