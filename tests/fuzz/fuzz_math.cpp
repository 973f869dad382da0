// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer harness of core/math. The input is split at its first NUL byte (or in the middle) into
// a gold and a pred answer. What must hold for every input: no crash, a verdict of an answer with
// itself is never "different", asking twice gives the same verdict, and so does asking the other
// way round unless the rule is the one that looks at the gold answer's precision.
#include "core/math/arithmetic.h"
#include "core/math/equivalence.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace scrit::math;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = all.find('\0');
    const std::size_t cut = zero == std::string_view::npos ? size / 2 : zero;
    const std::string_view gold = all.substr(0, cut);
    const std::string_view pred = all.substr(zero == std::string_view::npos ? cut : cut + 1);

    const AnswerCheck check = checkAnswers(gold, pred);
    if (equivalent(check.goldAnswer, check.goldAnswer).equality == Equality::Different) {
        std::abort();
    }
    const Verdict there = equivalent(gold, pred);
    if (there != equivalent(gold, pred)) {
        std::abort(); // the same question, another answer
    }
    const Verdict back = equivalent(pred, gold);
    const bool rounded = there.rule == Rule::Rounded || back.rule == Rule::Rounded;
    if ((there.equality == Equality::Equal) != (back.equality == Equality::Equal) && !rounded) {
        std::abort();
    }
    (void)checkArithmetic(all);
    return 0;
}
