# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_loop)
scrit_test(test_loop_selection SOURCES loop_selection_test.cpp LINK scrit_loop)
scrit_test(test_loop_recipe SOURCES loop_recipe_test.cpp LINK scrit_loop)
scrit_test(test_loop_concurrency SOURCES loop_concurrency_test.cpp LINK scrit_loop)
