"""Features: what an enterprise may lack, and how Box refuses it then."""

import pytest

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.features import Feature
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.resources import FEATURES, operations


@pytest.fixture
def without(box):
    """Return a function that takes a feature from the enterprise, which has it again after the test."""

    def take(name):
        box.control("POST", "/features", json={"features": sorted(FEATURES - {name})}).raise_for_status()

    yield take
    box.control("POST", "/features", json={"features": sorted(FEATURES)}).raise_for_status()


def test_all_are_there_by_default(box):
    assert Options().features == FEATURES
    assert box.control("GET", "/features").json() == {"features": sorted(FEATURES)}


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_without_one_its_operations_are_refused_and_no_others(box, without, name):
    without(name)
    refused = [each for each in operations() if each.feature is not None and each.feature.name == name]
    assert refused
    for operation in refused:
        path = operation.path.replace("{", "").replace("}", "")
        answer = box.http.request(
            operation.method, box.ready["api_base_url"] + path, headers={"box-version": operation.version}
        )
        error = answer.json()
        assert answer.status_code == operation.feature.status
        assert error["code"] == ("not_found" if answer.status_code == 404 else operation.feature.code)
        assert error["request_id"]
    box.get("/users/me")


def test_an_emulator_without_one(start):
    with start(features=frozenset({"watermarks"}), synthetic=0) as box:
        assert box.control("GET", "/features").json() == {"features": ["watermarks"]}
        assert box.get("/storage_policies", 403)["code"] == "forbidden"


def test_further_resources_have_further_features(start):
    own = Resource(feature=Feature("of our own"))
    own.operation("GET", "/ours")(lambda _call: {})
    with start(resources=(own,), synthetic=0) as box:
        assert box.get("/ours", documented=False) == {}
        box.control("POST", "/features", json={"features": sorted(FEATURES)}).raise_for_status()
        assert box.get("/ours", 403, documented=False)["code"] == "forbidden"


@pytest.mark.parametrize("body", [{"features": ["nonsense"]}, {"features": "watermarks"}, {"feature": []}, {}])
def test_what_is_no_set_of_features(box, body):
    answer = box.control("POST", "/features", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert box.control("GET", "/features").json() == {"features": sorted(FEATURES)}


def test_a_feature_that_there_is_not():
    with pytest.raises(ValueError, match=r"No operation has the feature nonsense; known are .*app_items, "):
        Emulator(Options(features=frozenset({"nonsense"})))
