# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of ui/models, ui/bridge, ui/widgets, ui/pages and of the real main window, all offscreen.
set(SCRIT_TEST_PROGRAM tests_studio)
foreach(unit models texts bridge pages commands reading audit review people export evolution charts evolve_form layout overview
        round_values rounds runs model_page)
  scrit_test(test_studio_${unit}
    SOURCES studio_${unit}.cpp
    LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_test_support scrit_common_qt
    LABELS ui)
endforeach()
add_dependencies(tests_studio scrit_fake_llama_server)
if(TARGET scrit_torch)
  add_dependencies(tests_studio scrit_torch)
endif()

# Not a test: writes PNGs of every screen, for the README and for the eye.
scrit_program(scrit_screenshots scrit-screenshots QT
  SOURCES screenshots.cpp screenshots_review.cpp screenshots_rounds.cpp screenshots_runs.cpp
          rounds_support.h runs_support.h screenshots_wait.h
  LINK scrit_studio_window scrit_loop scrit_test_support Qt6::Test)
target_compile_definitions(scrit_screenshots PRIVATE SCRIT_BINARY_DIR="${PROJECT_BINARY_DIR}")
add_dependencies(scrit_screenshots scrit_fake_llama_server)
