# SPDX-License-Identifier: Apache-2.0
"""The example of docs/exporters.md, as it stands."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

DOCS = pathlib.Path(__file__).parents[3] / "docs" / "exporters.md"


class Example(unittest.TestCase):
    def test_runs_from_fit_to_import(self):
        blocks = re.findall(r"```(\w+)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
        python = next(text for kind, text in blocks if kind == "python")
        shell = next(text for kind, text in blocks if kind == "sh")
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                exec(compile(python, str(DOCS), "exec"), {})
                self.assertTrue(pathlib.Path("model.json").stat().st_size > 0)
                # The program isn't built everywhere; publishing takes a chain.
                program = os.environ.get("CSO") or shutil.which("cso")
                if program:
                    line = shell.splitlines()[0].split("#")[0].split()
                    self.assertEqual(line[0], "cso")
                    subprocess.run([program, *line[1:]], check=True)
                    self.assertTrue(pathlib.Path("mortality.toml").exists())
            finally:
                os.chdir(before)


if __name__ == "__main__":
    unittest.main()
