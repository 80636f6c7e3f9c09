"""The main job on drawn lesions: fit, test, explain, and a summary of what came out."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

RUN = Path(__file__).with_name("run.py")


def main() -> None:
    """Run the three modes in one folder under ``outputs/demo``."""
    folder = Path("outputs", "demo", f"{datetime.now():%Y-%m-%d_%H-%M-%S}")
    _run("Training and testing", "experiment=demo", f"hydra.run.dir={folder}")
    _run(
        "Explaining 14 test images",
        "mode=explain",
        f"ckpt_path={folder}",
        "explain.max_images=14",
        f"hydra.run.dir={folder}/explained",
    )
    metrics = json.loads((folder / "metrics.json").read_text())
    score = metrics["test"]["balanced_accuracy"]
    low, high = metrics["intervals"]["test"]["balanced_accuracy"]
    guess = metrics["baselines"]["majority"]["balanced_accuracy"]
    programs = Path(sys.executable).parent
    if programs.is_relative_to(Path.cwd()):
        programs = programs.relative_to(Path.cwd())
    command = f"{programs / 'python'} scripts/run.py"
    sys.stdout.write(
        f"""
Demo finished.
  test balanced accuracy  {score:.3f}, 95 % interval [{low:.3f}, {high:.3f}] (majority guess {guess:.3f})
  report                  {folder}/report.html
  figures                 {folder}/figures
  panels                  {folder}/explained/explanations
  TensorBoard logs        {folder}/tensorboard

Try next:
  {programs / "tensorboard"} --logdir outputs
  {command} data=folder data.root=YOUR_IMAGES model=resnet18
  {command} -m experiment=demo model.optimizer.lr=3e-4,1e-3 trainer.max_epochs=5
"""
    )


def _run(title: str, *overrides: str) -> None:
    sys.stdout.write(f"\n{title}: python scripts/run.py {' '.join(overrides)}\n")
    sys.stdout.flush()
    finished = subprocess.run([sys.executable, str(RUN), *overrides], check=False)
    if finished.returncode != 0:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main()
