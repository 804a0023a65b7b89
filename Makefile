# 缔园 · one door for every task. `make` alone explains the targets.
#
# Only relative paths appear here, so that the checkout may lie below a directory with spaces or Chinese characters.
# Programs of the virtual environment are started as `python -m …`: the scripts in .venv/bin carry the absolute path.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV ?= .venv
PY := $(VENV)/bin/python
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
# One more than the two cores this has to do with: a quarter of the time a test waits for a disk or another process.
JOBS ?= 3
WHAT ?= tests
OUT ?= openapi.json

# Text in any language, whatever the locale of the shell says.
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled once and kept, also where the shell forbids it: from source, every start takes two seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## 显示这份说明 · show this help
	@echo '缔园 make <目标> [变量=值]'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo
	@echo '变量 settings'
	@sed -n 's/^#: *//p' $(MAKEFILE_LIST) | sed 's/^/  /'

#: PORT=8000        网页和接口的端口 · port of the one public address
#: DATA_DIR=.data   数据放在哪里 · where everything is kept
#: SPLIT=1          每个服务一个进程 · one process per service and worker
#: DEMO=0           不导入示范社区 · do not load the demo community
#: CODE NAME TOWNSHIP DISTRICT  社区的 12 位区划代码、名称、街道、区县 · which community (make found)
#: DATABASE_URL     用已有的 PostgreSQL · use your own PostgreSQL
#: REDIS_URL        用已有的 Redis 或 Valkey · use your own Redis or Valkey
#: PG_BIN           用另一个版本的 PostgreSQL 程序 · directory of another PostgreSQL build
#: WHAT=tests/…     只测这一部分 · run only these tests (make test)
#: BIG=1            测一千万条记录，约二十分钟 · ten million entries, about twenty minutes (make bench)
#: YES=1            不再询问 · do not ask (make reset)
#: 退出码 exit codes: launcher/README.md

# ---- running -----------------------------------------------------------------------------------------------------------

.PHONY: up
up: $(RUN_STAMP) ## 启动整个社区 · bring a whole community to life
	@$(PY) -m launcher.cli up

.PHONY: story
story: $(RUN_STAMP) ## 在运行着的社区里走完两个月 · play two months of the community against the running system
	@$(PY) -m launcher.cli story

.PHONY: accounts
accounts: $(RUN_STAMP) ## 看示范账号和此刻的验证码 · show the demo accounts
	@$(PY) -m launcher.cli accounts

.PHONY: found
found: $(RUN_STAMP) ## 在运行着的系统里建一个社区 CODE= NAME= TOWNSHIP= DISTRICT= · found a community in the running system
	@$(PY) -m launcher.cli found

.PHONY: migrate
migrate: $(RUN_STAMP) ## 只升级数据库 · bring the database up to date and stop
	@$(PY) -m launcher.cli migrate

.PHONY: reset
reset: $(RUN_STAMP) ## 删除本机数据，重新开始 · delete the local data (asks first)
	@$(PY) -m launcher.cli reset

.PHONY: openapi
openapi: $(RUN_STAMP) ## 写出合并的接口文档 OUT=openapi.json，并记下接口的样子 · write the merged OpenAPI document and record its face
	@$(PY) -m launcher.cli openapi
	@$(PY) tests/contracts/face.py "$(OUT)"

# ---- checking ----------------------------------------------------------------------------------------------------------

.PHONY: check
check: lint types contracts test ## 全部检查：格式、类型、分层、测试 · everything that must be green before a commit

.PHONY: fmt
fmt: $(DEV_STAMP) ## 整理代码格式 · format the code and fix what can be fixed
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

.PHONY: lint
lint: $(DEV_STAMP) ## 格式与写法 · format and lint
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

.PHONY: types
types: $(DEV_STAMP) ## 类型 · types
	$(PY) -m mypy

.PHONY: contracts
contracts: $(DEV_STAMP) ## 谁可以依赖谁 · who may import whom
	$(PY) -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())'

.PHONY: test
test: $(DEV_STAMP) ## 测试 WHAT=… · the tests
	$(PY) -m pytest -n $(JOBS) $(WHAT)

.PHONY: bench
bench: $(DEV_STAMP) ## 测量速度，写入 bench/REPORT.md · measure and write the report
	@$(PY) -m bench $(if $(BIG),--big)

# ---- the environment ---------------------------------------------------------------------------------------------------

.PHONY: lock
lock: ## 重新计算依赖的锁定版本（需要 uv）· compute the locked versions again (needs uv)
	@command -v uv >/dev/null || { echo '需要先安装 uv。(uv is needed.)' >&2; exit 2; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group build --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group build --group dev --constraints requirements.lock --output-file requirements-dev.lock pyproject.toml

.PHONY: clean
clean: ## 删除虚拟环境和缓存，不动数据 · remove the virtual environment and caches, never the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info

$(PY):
	@test -n "$(PYTHON)" || { echo '没有找到 Python，请先安装 Python 3.11 或更新的版本。(Python 3.11+ is needed.)' >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo '需要 Python 3.11 或更新的版本；可用 make PYTHON=路径 指定。(Python 3.11+ is needed.)' >&2; exit 2; }
	@"$(PYTHON)" -m venv $(VENV) \
	  || { rm -rf $(VENV); echo '建不了虚拟环境；Debian 和 Ubuntu 请先安装 python3-venv。(python3-venv is missing.)' >&2; exit 2; }

# The locked lists are complete: asked for what each library needs, pip would look all of it up again.
$(RUN_STAMP): requirements.lock pyproject.toml | $(PY)
	@echo '正在安装程序库，第一次要几分钟…… (installing the locked packages)'
	@$(PY) -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	@echo '正在安装检查工具…… (installing the locked development packages)'
	@$(PY) -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
