# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_eval)
scrit_test(test_curate_selection SOURCES curate_selection_test.cpp LINK scrit_curate)
scrit_test(test_curate_texts SOURCES curate_texts_test.cpp LINK scrit_curate scrit_critique)
