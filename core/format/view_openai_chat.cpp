// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/prompt_template.h"
#include "core/critique/target.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// The training instance of SCRIT (arXiv 2501.05727): the direct critic's prompt, and as its answer
// the step critiques, the conclusion and the correction, without the reference and its analysis.
class OpenaiChatView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"openai-chat",
                                   "chat messages: the direct critic's prompt and the critique",
                                   "jsonl",
                                   {"problem", "solution"},
                                   {"critique", "conclusion", "correction"}};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        if (std::optional<std::string> gap = targetGap(item.critique)) {
            return base::fail(base::ErrorCode::Invalid, std::move(*gap));
        }
        const base::Expected<critique::RenderedPrompt> prompt =
            critique::directPromptMessages(problemForReader(item.problem), item.solution.text);
        if (!prompt) {
            return base::fail(prompt.error());
        }
        const std::string target = critique::renderTarget(item.critique.text, item.critique.parsed,
                                                          item.critique.correctionText);
        std::string row;
        row.reserve(target.size() + item.solution.text.size() + 4096);
        JsonWriter writer(row);
        writer.beginObject().key("messages").beginArray();
        for (const critique::Message& message : prompt->messages) {
            writer.beginObject()
                .member("role", message.role)
                .member("content", message.content)
                .endObject();
        }
        writer.beginObject().member("role", "assistant").member("content", target).endObject();
        writer.endArray().endObject();
        return row;
    }

    std::vector<std::string> promptHashes() const override {
        const auto prompt = critique::directPromptMessages("{{problem}}", "{{solution}}");
        return prompt ? std::vector<std::string>{prompt->hash} : std::vector<std::string>{};
    }
};

} // namespace

const View& openaiChatView() {
    static const OpenaiChatView view;
    return view;
}

} // namespace scrit::format
