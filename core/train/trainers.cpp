// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/suggest.h"
#include "core/train/builtin_trainer.h"
#include "core/train/command_trainer.h"
#include "core/train/openai_fine_tuning.h"
#include "core/train/slurm_trainer.h"
#include "core/train/trainer.h"

namespace scrit::train {

const std::vector<std::string_view>& trainerNames() {
    static const std::vector<std::string_view> kNames{"builtin", "command", "slurm", "openai-ft"};
    return kNames;
}

base::Expected<std::unique_ptr<Trainer>> makeTrainer(std::string_view name,
                                                     const Surroundings& surroundings) {
    if (name == "builtin") {
        return makeBuiltinTrainer();
    }
    if (name == "command") {
        return makeCommandTrainer();
    }
    if (name == "slurm") {
        return makeSlurmTrainer();
    }
    if (name == "openai-ft") {
        return makeOpenAiFineTuning(surroundings);
    }
    std::vector<std::string> names;
    std::string list;
    for (const std::string_view known : trainerNames()) {
        names.emplace_back(known);
        list += (list.empty() ? "" : ", ") + names.back();
    }
    const std::string near = base::didYouMean(name, names);
    return base::fail(base::ErrorCode::Invalid, "there is no trainer \"" + std::string(name) + "\"",
                      near.empty() ? "there are " + list : near);
}

} // namespace scrit::train
