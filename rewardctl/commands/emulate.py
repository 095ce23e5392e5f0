"""`rewardctl emulate`: run the stand-in for Bedrock Runtime in the foreground."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import click

from rewardctl.emulate.foreground import ready_line, run, write_ready_file
from rewardctl.emulate.judge import NOTICE
from rewardctl.emulate.settings import EmulatorSettings, EmulatorSettingsError


def _option(each: "Field[Any]") -> click.Option:
    """The option of one setting. The help shows its range; the settings check it."""
    flag = f"--{each.name.replace('_', '-')}"
    text = each.metadata["help"]
    if isinstance(each.default, bool):
        return click.Option([flag], is_flag=True, default=each.default, help=text)
    if isinstance(each.default, str):
        return click.Option([flag], default=each.default, help=text)
    span = f"[{each.metadata['low']} to {each.metadata['high']}]"
    kind = click.INT if isinstance(each.default, int) else click.FLOAT
    return click.Option([flag], type=kind, default=each.default, show_default=True, help=f"{text} {span}")


@click.command(
    name="emulate",
    params=[_option(each) for each in fields(EmulatorSettings)],
    help=f"""Serve Bedrock Runtime's Converse on loopback until Ctrl-C, with an offline judge.

    The judge compares words ({NOTICE}). Point any AWS client at it with AWS_ENDPOINT_URL_BEDROCK_RUNTIME;
    it accepts any credentials. GET /__stats returns counts of calls and outcomes, POST /__reset clears them.
    Faults are drawn from seed, content and attempt, so that the same calls get the same faults in any order.

    \b
    Example:
      rewardctl emulate --latency-s 0.1

    \b
    Exit codes:
      0  stopped by Ctrl-C
      1  the port or the ready file can't be used
      2  a setting is out of its range""",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one line of JSON with url and pid, for programs."
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that gets the same line when the server is ready; removed at the end.",
)
def command(as_json: bool, ready_file: Path | None, **values: Any) -> None:
    """Serve until interrupted, then print counts of calls and outcomes."""
    try:
        settings = EmulatorSettings.from_dict(values)
    except EmulatorSettingsError as error:
        raise click.UsageError(str(error)) from error

    def on_ready(url: str) -> None:
        if ready_file:
            _announce(ready_file, url)
        if as_json:
            click.echo(ready_line(url))
        else:
            click.echo(f"Bedrock Runtime stand-in ({NOTICE})\n")
            click.echo(f"  export AWS_ENDPOINT_URL_BEDROCK_RUNTIME={url}\n")
            click.echo("Ctrl-C stops it.")

    try:
        stats = run(settings, on_ready)
    except OSError as error:
        raise click.ClickException(f"cannot serve on port {settings.port}: {error}") from error
    if ready_file:
        ready_file.unlink(missing_ok=True)
    click.echo(f"stopped after {stats['calls']} calls: {stats['outcomes']}", err=True)


def _announce(ready_file: Path, url: str) -> None:
    try:
        write_ready_file(ready_file, url)
    except OSError as error:
        raise click.ClickException(f"cannot write the ready file {ready_file}: {error}") from error
