"""Executes the notebooks on an output folder, each in a kernel of its own, and says what they drew.

Usage: run_notebooks.py OUT [--to FOLDER]   FOLDER gets the drawings and what was printed

A notebook that raises, warns, or is stored with outputs fails.
"""

import asyncio
import base64
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
AT_ONCE = 2


async def execute(path, limit, sockets):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None, f"{path.name} is stored with outputs"
    # Over sockets of the file system: no port is opened.
    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", connection_file=f"{sockets}/{path.stem}.json")
    client = NotebookClient(
        notebook, km=kernel, timeout=300, coalesce_streams=True, resources={"metadata": {"path": NOTEBOOKS}}
    )
    async with limit:
        try:
            await client.async_execute()
        finally:
            await kernel.shutdown_kernel(now=True)
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def keep(folder, path, found):
    """Drawings as PNG, words as text."""
    words = []
    for number, output in enumerate(found):
        data = output.get("data", {})
        if "image/png" in data:
            (folder / f"{path.stem}-{number:02}.png").write_bytes(base64.b64decode(data["image/png"]))
        else:
            words.append(output.get("text") or data.get("text/plain", ""))
    (folder / f"{path.stem}.txt").write_text("\n".join(words))


async def main():
    os.environ["CROSSTIE_OUT"] = str(Path(sys.argv[1]).resolve())
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    to = Path(sys.argv[3]) if sys.argv[2:3] == ["--to"] else None
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    limit = asyncio.Semaphore(AT_ONCE)
    with tempfile.TemporaryDirectory() as sockets:
        executed = await asyncio.gather(*(execute(path, limit, sockets) for path in paths))
    for path, notebook in zip(paths, executed, strict=True):
        found = outputs(notebook)
        if to:
            to.mkdir(exist_ok=True)
            keep(to, path, found)
        warnings = [output.text for output in found if output.output_type == "stream" and output.name == "stderr"]
        assert not warnings, f"{path.name} warns: {warnings}"
        drawings = sum("image/png" in output.get("data", {}) for output in found)
        print(f"{path.name}: {len(found)} outputs, {drawings} of them drawn")


asyncio.run(main())
