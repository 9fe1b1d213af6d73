"""The script elements of a page, run by node: what a browser's SDK and tags would find."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

import consentpy as cp
from consentpy.web.bootstrap import config_script, data_layer_script, gtag_script

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

ODD = "a</script><!--\u2028'\"\\&é"
CONFIG = cp.Config(
    {
        "app": {
            "vendors": {
                "custom": [{"id": ODD, "purposeIds": ["cookies"]}],
                "didomi": ["google"],
            }
        },
        "integrations": {"vendors": {"gcm": {"enable": True}}},
        "tagManager": {"dataLayerName": ODD},
    }
)
STATUS = CONFIG.status(None, country="us", region="ca")


def run(script: str, shown: str) -> Any:
    program = f"var window=globalThis;{script}console.log(JSON.stringify({shown}))"
    assert NODE is not None
    done = subprocess.run([NODE, "-"], input=program, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_place_is_merged_into_what_is_there() -> None:
    script = config_script(STATUS, CONFIG)
    place = {"country": "US", "region": "CA"}
    assert run(script, "window.didomiConfig") == {"user": place}
    before = "window.didomiConfig={app:{x:1},user:{id:7,country:'ZZ'}};"
    merged = {"app": {"x": 1}, "user": {"id": 7, **place}}
    assert run(before + script, "window.didomiConfig") == merged
    assert run(before + script + script, "window.didomiConfig") == merged


def test_consent_mode_arrives_as_arguments() -> None:
    shown = (
        "[window.dataLayer.map(x => Array.from(x)), window.dataLayer.map(x => Array.isArray(x))]"
    )
    calls, arrays = run(gtag_script(STATUS, CONFIG), shown)
    assert [call[:2] for call in calls] == [["consent", "default"], ["consent", "update"]]
    assert calls[1][2] == STATUS.google_consent_mode()
    assert arrays == [False, False]  # Google's code tells calls from entries by that
    own = "window.seen=[];window.gtag=function(){window.seen.push(arguments.length)};"
    assert run(own + gtag_script(STATUS, CONFIG), "window.seen") == [3, 3]


def test_the_data_layer_has_every_character() -> None:
    name = json.dumps(ODD)
    before = f"window[{name}]=[1];"
    entries = run(before + data_layer_script(STATUS, CONFIG, event=ODD), f"window[{name}]")
    assert entries == [1, {"event": ODD, **STATUS.data_layer()}]
