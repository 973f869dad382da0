# SPDX-License-Identifier: GPL-3.0-or-later
scrit_test(test_math_corpus SOURCES math_corpus.cpp LINK scrit_math nlohmann_json::nlohmann_json LABELS corpus)
scrit_test(test_math_equivalence SOURCES math_equivalence.cpp LINK scrit_math)
scrit_test(test_math_extract SOURCES math_extract.cpp LINK scrit_math)
