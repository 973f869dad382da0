# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_backend)
scrit_test(test_slurm_texts SOURCES slurm_texts_test.cpp LINK scrit_backend)
scrit_test(test_slurm_training SOURCES slurm_training_test.cpp
  LINK scrit_train scrit_test_support nlohmann_json::nlohmann_json)
scrit_test(test_slurm_serving SOURCES slurm_serving_test.cpp LINK scrit_backend scrit_test_support)
add_dependencies(tests_backend scrit_slurm_cluster scrit_fake_llama_server)
