# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_mini)
scrit_test(test_mini_network SOURCES mini_network_test.cpp ../fuzz/fuzz_safetensors.cpp LINK scrit_mini)
scrit_test(test_mini_sampler SOURCES mini_sampler_test.cpp LINK scrit_mini)
scrit_test(test_mini_training SOURCES mini_training_test.cpp LINK scrit_mini)
