# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of ui/models, ui/bridge, ui/widgets, ui/pages and of the real main window, all offscreen.
foreach(unit models bridge pages)
  scrit_test(test_studio_${unit}
    SOURCES studio_${unit}.cpp studio_support.h
    LINK scrit_studio_window scrit_ui_pages scrit_loop scrit_common_qt
    LABELS ui)
endforeach()

# Not a test: writes PNGs of every screen, for the README and for the eye.
scrit_program(scrit_screenshots scrit-screenshots QT
  SOURCES screenshots.cpp
  LINK scrit_studio_window scrit_loop)
