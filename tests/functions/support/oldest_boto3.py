"""The oldest boto3 known in Lambda's runtime: what the functions ask of AWS, it must know."""

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

from tests.support.stack import ROOT

DATA = ROOT / ".venv" / "lambda-runtime" / "botocore" / "data"  # `make check` installs it


@cache
def service(name: str) -> ServiceModel:
    """The service as that boto3 knows it."""
    loader = Loader(extra_search_paths=[str(DATA)], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


def check_request(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """Fails on a request that it would refuse to send; a handler of the SDK's `provide-client-params`."""
    known = service(model.service_model.service_name).operation_model(model.name)
    assert known.input_shape is not None
    report = ParamValidator().validate(params, known.input_shape)
    assert not report.has_errors(), f"{model.name}: {report.generate_report()}"
