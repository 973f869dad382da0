// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// TRL's stepwise supervision: prompt, completions (steps), labels. Steps behind the first wrong one
// are left out: nothing is known about them.
class PrmView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"prm",
                                   "TRL stepwise labels: steps up to the first wrong one",
                                   "jsonl",
                                   {"problem", "solution"},
                                   {"labels"}};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        const std::optional<int> firstError = item.critique.parsed.firstErrorStep;
        const std::vector<base::Span>& steps = item.solution.steps;
        if (!firstError) {
            return base::fail(base::ErrorCode::Invalid, "no-first-error-step");
        }
        const bool wrong = *firstError != model::kNoError;
        const std::size_t count = wrong ? static_cast<std::size_t>(*firstError) + 1 : steps.size();
        if (count > steps.size() || count == 0) {
            return base::fail(base::ErrorCode::Invalid, "step-out-of-range");
        }
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
};

} // namespace

const View& prmView() {
    static const PrmView view;
    return view;
}

} // namespace scrit::format
