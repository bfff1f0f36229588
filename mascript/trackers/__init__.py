"""TensorBoard, Weights & Biases and MLflow are told what a run committed. They are told and never asked: nothing here decides.

A tracker is a small class: `write(generation, scalars)` and `close()`. One of yours is named `module:function`; the
function is given a `Told` and returns it.
"""
