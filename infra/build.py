"""Make what is deployed: one zip, the same bytes each time, and the template that goes with it. Talks to no AWS.

    python -m infra.build [--stage dev] [--out build/package]

The zip holds the app, Chalice's runtime and what requirements-lambda.txt names, pruned to what is used and compiled
beforehand: Lambda's disk is read-only, so what comes uncompiled is compiled again at every cold start.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chalicelib import wiring
from chalicelib.adapters.calendar import COUNTRIES, calendar_of
from chalicelib.edge.boundary import UNKNOWN
from chalicelib.edge.correlation import HEADER
from chalicelib.edge.problems import GATEWAY_RESPONSES, problem
from chalicelib.edge.safe_headers import SAFE_HEADERS
from chalicelib.locales import languages, numbers
from infra.stages import ROOT, Stage, stage_named
from infra.watching import FUNCTIONS
from infra.watching import resources as watching_resources

REGION = "ap-southeast-1"  # Chalice wants a name; nothing of it reaches the template
_TRAVELS = ("app.py", "chalicelib", ".chalice/config.json", ".chalice/policies")
_LIBRARIES = ROOT / "requirements-lambda.txt"
_CHALICE = "from chalice.cli import main; raise SystemExit(main())"

# How wheels call the processors that Lambda has.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# How an ELF header calls them (EM_X86_64, EM_AARCH64).
_ELF_MACHINES = {"x86_64": 62, "aarch64": 183}

# What is kept of libraries that bring the whole world along: Babel 33 MB, holidays 9 MB.
_COUNTRIES = frozenset({"__init__.py", *(f"{each}.py" for each in COUNTRIES.values())})
# cryptography asks for cffi's compiled half only.
_UNUSED = (
    *("bin", "cffi", "babel/messages", "babel/support.py"),
    *("holidays/financial", "holidays/ical.py", "holidays/generate_ics.py"),
    "holidays/calendars/germany_school.py",
    *("cryptography/fernet.py", "cryptography/hazmat/asn1"),
    *(f"tzdata/zoneinfo/{name}" for name in ("tzdata.zi", "zone.tab", "zone1970.tab", "zonenow.tab", "iso3166.tab")),
    *("bs4/builder/_lxml.py", "bs4/builder/_html5lib.py", "bs4/diagnose.py"),  # it parses with the standard library's
    *("jinja2/ext.py", "jinja2/sandbox.py", "jinja2/meta.py"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The template as JSON (SAM, not yet expanded), and the zip that it names."""

    template: Path
    archive: Path


def build(stage: Stage, out: Path) -> Package:
    """Package the app for a stage into `out`. Raises RuntimeError with what pip or Chalice said where one fails."""
    project, packaged = out / "project", out / "packaged"
    for folder in (project, packaged):
        shutil.rmtree(folder, ignore_errors=True)
    _lay_out(project, stage)
    template = ROOT / "infra" / "resources.yaml"
    _run("-c", _CHALICE, "package", "--stage", stage.name, "--merge-template", str(template), str(packaged), at=project)
    archive, made = out / "deployment.zip", out / "template.json"
    # A process of its own with a fixed hash seed: sets in constants are then always written in the same order.
    compiler = interpreter(stage.python)
    if compiler is None:
        print(
            f"Take heed: no python{stage.python} was found here, so the package holds no bytecode, and each cold start"
            f" compiles it anew (some 230 ms of CPU). What is deployed works all the same. To mend it, put"
            f" python{stage.python} on the PATH, or say: .venv/bin/uv python install {stage.python}",
            file=sys.stderr,
        )
    arguments = (str(packaged / "deployment.zip"), str(archive), stage.python)
    _run("-m", "infra.bytecode", *arguments, at=ROOT, by=compiler or sys.executable)
    sam = yaml.safe_load((packaged / "sam.yaml").read_text("utf-8"))
    made.write_text(json.dumps(_finished(sam, stage), indent=1, sort_keys=True) + "\n", "utf-8")
    return Package(template=made, archive=archive)


def interpreter(version: str) -> str | None:
    """An interpreter of that minor version on this machine, which bytecode for it is made by: this one, `python3.13` of
    the PATH, or one that uv or pyenv keeps. None where there is none."""
    finders = (
        [sys.executable, "-c", "import sys; print(sys.executable)"],
        [f"python{version}", "-c", "import sys; print(sys.executable)"],
        *(
            [uv, "python", "find", "--offline", "--managed-python", version]
            for uv in ("uv", str(Path(sys.executable).with_name("uv")))
        ),
        ["pyenv", "prefix", version],
    )
    for finder in finders:
        try:
            said = subprocess.run(finder, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            continue
        found = Path(said) / "bin" / "python" if finder[0] == "pyenv" else Path(said)
        if _version(found) == version:
            return str(found)
    return None


def _version(python: Path) -> str | None:
    says = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run(
            [python, "-c", says], capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _lay_out(project: Path, stage: Stage) -> None:
    for name in _TRAVELS:
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    # Chalice would resolve requirements and bring botocore along; ours are laid out by name, in vendor/.
    (project / "requirements.txt").write_text("")
    shutil.copytree(libraries(stage), project / "vendor")


def libraries(stage: Stage) -> Path:
    """The libraries for Lambda's Python and processor, pruned; kept under build/ until their pins change."""
    pins = _LIBRARIES.read_bytes()
    kept_of_them = f"{_UNUSED} {sorted(_COUNTRIES)} {_holiday_names()} {sorted(_numbers())}"
    name = hashlib.sha256(pins + f"{stage.python} {stage.architecture} {kept_of_them}".encode()).hexdigest()[:16]
    kept = ROOT / "build" / "libraries" / name
    if kept.is_dir():
        return kept
    machine = MACHINES[stage.architecture]
    fresh = kept.with_name(f"{name}.{os.getpid()}")
    _run(
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"),
        *("--only-binary=:all:", "--implementation", "cp", "--python-version", stage.python),
        *("--platform", f"manylinux2014_{machine}", "--platform", f"manylinux_2_28_{machine}"),
        *("--target", str(fresh), "-r", str(_LIBRARIES)),
        at=ROOT,
    )
    _prune(fresh)
    if strange := strangers_to(machine, fresh):
        raise RuntimeError(f"These were built for another processor than {machine}: {', '.join(strange)}")
    try:
        fresh.rename(kept)
    except OSError:
        # Somebody else made them meanwhile.
        shutil.rmtree(fresh)
    return kept


def strangers_to(machine: str, folder: Path) -> list[str]:
    """The compiled files below a folder that do not run on a machine (`x86_64`, `aarch64`), by their ELF headers."""
    compiled = sorted(each for each in folder.rglob("*") if each.is_file() and ".so" in each.suffixes)
    return [str(each.relative_to(folder)) for each in compiled if _processor(each) != _ELF_MACHINES[machine]]


def _processor(file: Path) -> int | None:
    """e_machine of an ELF header of little-endian 64 bits; None where it is none."""
    with file.open("rb") as opened:
        head = opened.read(20)
    return int.from_bytes(head[18:20], "little") if head[:6] == b"\x7fELF\x02\x01" and len(head) == 20 else None


def _holiday_names() -> tuple[str, ...]:
    """The library's names of holidays that travel: in English, and in each country's own language."""
    return tuple(
        f"{language}/LC_MESSAGES/{country}.mo"
        for country in COUNTRIES
        for language in ("en_US", calendar_of(country).default_language)
    )


def _numbers() -> frozenset[str]:
    """The files of CLDR that a catalogue asks for, and those below them: `zh_Hant` stands on `zh`."""
    asked = {numbers(each) for each in languages()}
    parents = {each.split("_")[0] for each in asked}
    return frozenset(f"{each}.dat" for each in {"root"} | asked | parents)


def _prune(folder: Path) -> None:
    for name in _UNUSED:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        else:
            (folder / name).unlink()
    doomed: list[Iterable[Path]] = [
        (each for each in (folder / "babel/locale-data").iterdir() if each.name not in _numbers()),
        (each for each in (folder / "holidays/countries").iterdir() if each.name not in _COUNTRIES),
        (each for each in (folder / "holidays/locale").rglob("*.?o") if not str(each).endswith(_holiday_names())),
        (each for each in folder.rglob("*") if each.suffix in (".pyi", ".c", ".h")),
    ]
    for files in doomed:
        for each in list(files):
            each.unlink()
    # Its namesake imports every country there is.
    (folder / "holidays/countries/__init__.py").write_text("")
    for info in folder.glob("*.dist-info"):
        # Installers' records change with the machine; licences must travel.
        for each in list(info.rglob("*")):
            if each.is_file() and "licen" not in str(each.relative_to(folder)).lower():
                each.unlink()


def _finished(sam: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """What neither Chalice nor the merged template can say: the state machine's definition, the gateway's own answers,
    Lambda's Python and processor, logs, alarms and the dashboard."""
    resources = sam["Resources"]
    definition = json.loads((ROOT / "infra" / "state_machine.asl.json").read_text("utf-8"))
    resources["Waiting"]["Properties"]["DefinitionString"] = json.dumps(definition, separators=(",", ":"))
    api = resources["RestAPI"]["Properties"]["DefinitionBody"]
    api["x-amazon-apigateway-gateway-responses"] = _gateway_answers()
    api["paths"][UNKNOWN] = _handed_on(api["paths"])
    for name in FUNCTIONS:
        resources[name]["Properties"] |= {
            "Runtime": f"python{stage.python}",
            "Architectures": [stage.architecture],
            "CodeUri": "deployment.zip",
            "LoggingConfig": {
                "LogFormat": "JSON",
                "ApplicationLogLevel": "INFO",
                "SystemLogLevel": "WARN",
                "LogGroup": {"Ref": f"{name}Logs"},
            },
        }
    resources |= watching_resources()
    return sam


def _handed_on(paths: Mapping[str, Any]) -> dict[str, Any]:
    """What no route is goes to the application, too: people get a page, machines a problem document."""
    (uri,) = {
        method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for each in paths.values()
        for method in each.values()
        if method.get("x-amazon-apigateway-integration", {}).get("type") == "aws_proxy"
    }
    return {
        "x-amazon-apigateway-any-method": {
            "parameters": [{"name": "proxy", "in": "path", "required": True, "type": "string"}],
            "responses": {},
            "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": uri}},
        }
    }


def _gateway_answers() -> dict[str, Any]:
    """What API Gateway says by itself, as problem documents from the same table as everything else."""
    made = {}
    for name, code in GATEWAY_RESPONSES.items():
        with wiring.correlated("$context.requestId"):
            status, headers, body = problem(code)
        made[name] = {
            "statusCode": str(status),
            "responseParameters": {
                **{
                    f"gatewayresponse.header.{header}": f"'{value}'"
                    for header, value in {**SAFE_HEADERS, **headers}.items()
                },
                f"gatewayresponse.header.{HEADER}": "context.requestId",
                "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
            },
            "responseTemplates": {"application/json": body},
        }
    return made


def _run(*arguments: str, at: Path, by: str = sys.executable) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "AWS_DEFAULT_REGION": REGION}
    done = subprocess.run([by, *arguments], cwd=at, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)[:200]}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "package")
    given = parser.parse_args()
    made = build(stage_named(given.stage), given.out)
    print(f"{made.archive}  {made.archive.stat().st_size / 1e6:.2f} MB\n{made.template}")


if __name__ == "__main__":
    main()
