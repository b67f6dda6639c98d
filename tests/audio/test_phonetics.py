"""What sounds alike has one key, what does not has two."""

import pytest

from pipeline.audio.phonetics import readings, sound


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        *(("béridas", "Veridas"), ("coldo", "Koldo"), ("Jupiter", "Jupyter"), ("si ICD", "CI/CD"), ("zelda", "celda")),
        *(("jirafa", "girafa"), ("ola", "hola"), ("valla", "baya"), ("queso", "keso"), ("quiosco", "kiosco")),
    ],
)
def test_alike_in_spanish(heard: str, meant: str) -> None:
    assert sound(heard, "es") == sound(meant, "es")


@pytest.mark.parametrize(("one", "other"), [("caña", "cana"), ("pero", "peso"), ("chica", "sica"), ("guerra", "jerra")])
def test_different_in_spanish(one: str, other: str) -> None:
    assert sound(one, "es") != sound(other, "es")


def test_languages_differ() -> None:
    assert sound("Veridas", "en") != sound("Beridas", "en")
    assert sound("phase", "en") == sound("fase", "en")
    assert sound("happy", "en") != sound("API", "en")
    assert sound("ghost", "en") == sound("gost", "en") != sound("ost", "en")
    assert sound("hola", "es") == sound("ola", "es")


def test_an_english_name_has_two_readings() -> None:
    assert set(readings("Kubeflow", "es")) == {"kubeflou", "kiubflo"}
    assert readings("Koldo", "es") == ("koldo",)
