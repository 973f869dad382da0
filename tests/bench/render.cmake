# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(bench_render bench_render SOURCES bench_render.cpp LINK scrit_ui_render QT)
target_compile_definitions(bench_render PRIVATE SCRIT_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
set_target_properties(bench_render PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests-bin")
