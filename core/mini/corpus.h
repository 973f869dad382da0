// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/random.h"
#include "core/mini/sequence.h"
#include "core/mini/world.h"

#include <cstdint>
#include <string>
#include <vector>

// What the base checkpoint is trained on. Problems of the train split only.
namespace scrit::mini {

struct CorpusSettings {
    // Shares of the five kinds of document; they need not sum to 1.
    double solve = 0.28;
    double direct = 0.30;
    double contrastive = 0.20;
    double inject = 0.04;
    double drill = 0.18;
    // Of contrastive critiques, how many come from a careless critic, and how often that one
    // misreads the reference at a step. Chosen before anything was measured.
    double careless = 0.20;
    double misread = 0.35;
    // How often a student slips in a step besides what he believes.
    double slip = 0.05;
};

// An endless stream of documents; the same seed and settings give the same one on every machine.
// Authors draw beliefs about contested items once for each document; a direct critic draws its own.
// Contrastive critiques and injected bugs are only about known and made-up items, and half of the
// known ones have a price of the document's own, so that the critic learns to copy from the
// reference and is not told contested truths. One thread uses an instance.
class BaseCorpus {
public:
    BaseCorpus(const CorpusSettings& settings, std::uint64_t seed);
    [[nodiscard]] Sequence next();

private:
    CorpusSettings m_settings;
    Random m_random;
};

// One line that says which corpus it is: for the log and the metadata of a checkpoint.
[[nodiscard]] std::string describe(const CorpusSettings& settings);

} // namespace scrit::mini
