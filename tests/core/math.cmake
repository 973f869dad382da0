# SPDX-License-Identifier: GPL-3.0-or-later
set(SCRIT_TEST_PROGRAM tests_math)
scrit_test(test_math_corpus SOURCES math_corpus.cpp math_sympy.cpp math_sympy.h
  LINK scrit_math nlohmann_json::nlohmann_json LABELS corpus)
scrit_test(test_math_equivalence SOURCES math_equivalence.cpp math_cases.h LINK scrit_math)
scrit_test(test_math_notation SOURCES math_notation.cpp math_cases.h LINK scrit_math)
scrit_test(test_math_readings SOURCES math_readings.cpp math_cases.h LINK scrit_math)
scrit_test(test_math_rewriting SOURCES math_rewriting.cpp LINK scrit_math)
scrit_test(test_math_bounds SOURCES math_bounds.cpp LINK scrit_math)
scrit_test(test_math_extract SOURCES math_extract.cpp LINK scrit_math)
