// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// TRL's stepwise supervision: prompt, completions (steps), labels. Steps behind the first wrong one
// are left out: nothing is known about them.
class PrmView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{
            "prm",      "TRL stepwise labels: steps up to the first wrong one",
            "jsonl",    {"problem", "solution"},
            {"labels"}, false};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        const base::Expected<Labelled> labelled = labelledSteps(item);
        if (!labelled) {
            return base::fail(labelled.error());
        }
        const auto [count, wrong] = *labelled;
        const std::vector<base::Span>& steps = item.solution.steps;
        std::string row;
        JsonWriter writer(row);
        writer.beginObject().member("prompt", problemForReader(item.problem));
        writer.key("completions").beginArray();
        for (std::size_t i = 0; i < count; ++i) {
            writer.value(base::slice(item.solution.text, steps[i]));
        }
        writer.endArray().key("labels").beginArray();
        for (std::size_t i = 0; i < count; ++i) {
            writer.value(!wrong || i + 1 < count);
        }
        writer.endArray().endObject();
        return row;
    }

    base::Expected<std::vector<Turn>> turns(const ExportItem& item,
                                            const ExportItem*) const override {
        const base::Expected<Labelled> labelled = labelledSteps(item);
        if (!labelled) {
            return base::fail(labelled.error());
        }
        std::vector<Turn> turns{{"prompt", problemForReader(item.problem), false}};
        for (std::size_t i = 0; i < labelled->count; ++i) {
            const bool right = !labelled->lastIsWrong || i + 1 < labelled->count;
            turns.push_back({"completion, label " + std::string(right ? "true" : "false"),
                             std::string(base::slice(item.solution.text, item.solution.steps[i])),
                             false});
        }
        return turns;
    }

    std::string target(const ExportItem&) const override { return {}; }

    std::string_view columns() const override {
        return "{prompt: 'VARCHAR', completions: 'VARCHAR[]', labels: 'BOOLEAN[]'}";
    }

    std::string loading() const override {
        return "The stepwise supervision form of TRL's `PRMTrainer`: `prompt`, `completions` (the "
               "steps), `labels`.\n\n" +
               pythonLoading();
    }

private:
    struct Labelled {
        std::size_t count;
        bool lastIsWrong;
    };
    static base::Expected<Labelled> labelledSteps(const ExportItem& item) {
        const std::optional<int> firstError = item.critique.parsed.firstErrorStep;
        if (!firstError) {
            return base::fail(base::ErrorCode::Invalid, "no-first-error-step");
        }
        const std::size_t steps = item.solution.steps.size();
        const bool wrong = *firstError != model::kNoError;
        const std::size_t count = wrong ? static_cast<std::size_t>(*firstError) + 1 : steps;
        if (*firstError < model::kNoError || count > steps || count == 0) {
            return base::fail(base::ErrorCode::Invalid, "step-out-of-range");
        }
        return Labelled{count, wrong};
    }
};

} // namespace

const View& prmView() {
    static const PrmView view;
    return view;
}

} // namespace scrit::format
