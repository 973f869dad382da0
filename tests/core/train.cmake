# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_train)
scrit_test(test_train_parts SOURCES train_parts_test.cpp LINK scrit_train)
scrit_test(test_train_command SOURCES train_command_test.cpp LINK scrit_train)
scrit_test(test_train_openai SOURCES train_openai_test.cpp
  LINK scrit_train scrit_test_support nlohmann_json::nlohmann_json)
scrit_test(test_train_builtin SOURCES train_builtin_test.cpp LINK scrit_train)
