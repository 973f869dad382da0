# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of ui/models, ui/bridge, ui/widgets, ui/pages and of the real main window, all offscreen.
foreach(unit models texts bridge pages reading)
  scrit_test(test_studio_${unit}
    SOURCES studio_${unit}.cpp studio_support.h
    LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_common_qt
    LABELS ui)
endforeach()

# Not a test: writes PNGs of every screen, for the README and for the eye.
scrit_program(scrit_screenshots scrit-screenshots QT
  SOURCES screenshots.cpp screenshots_review.cpp screenshots_rounds.cpp screenshots_runs.cpp
          rounds_support.h runs_support.h
  LINK scrit_studio_window scrit_loop scrit_test_support Qt6::Test)
target_compile_definitions(scrit_screenshots PRIVATE SCRIT_BINARY_DIR="${PROJECT_BINARY_DIR}")
add_dependencies(scrit_screenshots scrit_fake_llama_server)

foreach(unit audit review people export)
  scrit_test(test_studio_${unit}
    SOURCES studio_${unit}.cpp review_support.h studio_window.h studio_support.h
    LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_common_qt
    LABELS ui)
endforeach()

scrit_test(test_studio_evolution
  SOURCES studio_evolution.cpp studio_window.h studio_support.h
  LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_common_qt
  LABELS ui)
if(TARGET scrit_torch)
  add_dependencies(test_studio_evolution scrit_torch)
endif()

foreach(unit charts evolve_form layout overview round_values rounds)
  scrit_test(test_studio_${unit}
    SOURCES studio_${unit}.cpp round_score.h rounds_support.h studio_window.h studio_support.h
    LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_common_qt
    LABELS ui)
endforeach()

foreach(unit runs model_page)
  scrit_test(test_studio_${unit}
    SOURCES studio_${unit}.cpp runs_support.h studio_support.h
    LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_test_support scrit_common_qt
    LABELS ui)
endforeach()
add_dependencies(test_studio_model_page scrit_fake_llama_server)
