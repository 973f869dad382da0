# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_base)
scrit_test(test_base_text SOURCES base_text_test.cpp LINK scrit_base)
scrit_test(test_base_files SOURCES base_files_test.cpp LINK scrit_base)
scrit_test(test_model_names SOURCES model_names_test.cpp LINK scrit_model)
