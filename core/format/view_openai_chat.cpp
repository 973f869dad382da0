// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/chat_example.h"
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// The training instance of SCRIT (arXiv 2501.05727): the direct critic's prompt, and as its answer
// the step critiques, the conclusion and the correction, without the reference and its analysis.
// Chat messages as in fine-tuning files of OpenAI's API.
class OpenaiChatView final : public ChatView {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"openai-chat",
                                   "chat messages: the direct critic's prompt and the critique",
                                   "jsonl",
                                   {"problem", "solution"},
                                   {"critique", "conclusion", "correction"},
                                   false};
        return info;
    }

    std::string_view columns() const override {
        return "{messages: 'STRUCT(\"role\" VARCHAR, \"content\" VARCHAR)[]'}";
    }

    std::string loading() const override {
        return "Each row has `messages` with the roles system, user and assistant: the form of "
               "fine-tuning files of OpenAI's API, which TRL's `SFTTrainer` reads as well (set "
               "`assistant_only_loss=True` to learn the critique alone).\n\n" +
               pythonLoading();
    }

    std::vector<std::pair<std::string, std::string>>
    companions(std::string_view datasetName, const std::vector<FileOfSplit>& files) const override {
        return {datasetInfo(datasetName, files,
                            R"("formatting":"sharegpt","columns":{"messages":"messages"},)"
                            R"("tags":{"role_tag":"role","content_tag":"content",)"
                            R"("user_tag":"user","assistant_tag":"assistant",)"
                            R"("system_tag":"system"})")};
    }

protected:
    void write(std::string& row, const ChatExample& example) const override {
        JsonWriter writer(row);
        writer.beginObject().key("messages").beginArray();
        writeMessage(writer, "system", example.prompt->system);
        writeMessage(writer, "user", example.user);
        writeMessage(writer, "assistant", example.target);
        writer.endArray().endObject();
    }
};

} // namespace

const View& openaiChatView() {
    static const OpenaiChatView view;
    return view;
}

} // namespace scrit::format
