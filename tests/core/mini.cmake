# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_mini)
scrit_test(test_mini_world SOURCES mini_world_test.cpp LINK scrit_mini)
scrit_test(test_mini_language SOURCES mini_language_test.cpp LINK scrit_mini scrit_critique scrit_math)
