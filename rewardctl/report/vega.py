"""The JavaScript that draws Vega-Lite plots in the page, made once and kept on disk."""

from pathlib import Path

from rewardctl.files import write_whole
from rewardctl.local.paths import BUILD


def vega_bundle(folder: Path = BUILD) -> str:
    """Return the script that defines ``vegaEmbed``, about 0.9 MB.

    Making it takes seconds, so a copy is kept in ``folder``, under the versions it holds. A folder that can't
    be written costs these seconds each time, and nothing else.
    """
    import vl_convert

    versions = (vl_convert.get_vega_version(), vl_convert.get_vegalite_versions()[-1])
    file = folder / f"vega-{'-'.join((*versions, vl_convert.get_vega_embed_version()))}.js"
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        script = inline(vl_convert.javascript_bundle(None))  # type: ignore[arg-type]  # None is the default
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(file, script.encode())
    except OSError:
        pass
    return script


def inline(script: str) -> str:
    """Return a script that can stand in a page: nothing in it ends its element or opens a comment.

    HTML ends a script at ``</script`` and treats ``<!--`` apart, also inside of JavaScript's strings; with a
    backslash these mean the same in a string and nothing to HTML. Line ends are those that HTML normalises
    to, since the policy's hash is over the normalised text.
    """
    text = script.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
