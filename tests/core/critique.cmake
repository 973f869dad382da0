# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_critique)
scrit_test(test_critique_splitter SOURCES critique_splitter_test.cpp LINK scrit_critique LABELS core)
scrit_test(test_critique_parser SOURCES critique_parser_test.cpp LINK scrit_critique LABELS core)
scrit_test(test_critique_hostile SOURCES critique_hostile_test.cpp LINK scrit_critique LABELS core)
scrit_test(test_critique_flags SOURCES critique_flags_test.cpp LINK scrit_critique LABELS core)
scrit_test(test_critique_prompts SOURCES critique_prompts_test.cpp LINK scrit_critique LABELS core)
scrit_test(test_critique_recorded SOURCES critique_recorded_test.cpp
  LINK scrit_critique nlohmann_json::nlohmann_json LABELS core)
scrit_test(test_critique_replay SOURCES critique_replay_test.cpp ../fuzz/fuzz_critique.cpp
  LINK scrit_critique LABELS core)
