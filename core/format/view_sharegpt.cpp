// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/chat_example.h"
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// Conversations as LLaMA-Factory's "sharegpt" formatting reads them: turns of human and gpt, the
// system prompt beside them.
class SharegptView final : public ChatView {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"sharegpt",
                                   "conversations of human and gpt, for LLaMA-Factory and others",
                                   "jsonl",
                                   {"problem", "solution"},
                                   {"critique", "conclusion", "correction"},
                                   false};
        return info;
    }

    std::string_view columns() const override {
        return "{conversations: 'STRUCT(\"from\" VARCHAR, \"value\" VARCHAR)[]', "
               "system: 'VARCHAR'}";
    }

    std::string loading() const override {
        return "For LLaMA-Factory point `dataset_dir` at this folder and name a data set of "
               "`dataset_info.json`:\n\n```yaml\ndataset_dir: NAME\ndataset: NAME_train\n```\n\n" +
               pythonLoading();
    }

    std::vector<std::pair<std::string, std::string>>
    companions(std::string_view datasetName, const std::vector<FileOfSplit>& files) const override {
        return {datasetInfo(datasetName, files,
                            R"("formatting":"sharegpt",)"
                            R"("columns":{"messages":"conversations","system":"system"},)"
                            R"("tags":{"role_tag":"from","content_tag":"value",)"
                            R"("user_tag":"human","assistant_tag":"gpt"})")};
    }

protected:
    void write(std::string& row, const ChatExample& example) const override {
        JsonWriter writer(row);
        writer.beginObject().key("conversations").beginArray();
        writer.beginObject().member("from", "human").member("value", example.user).endObject();
        writer.beginObject().member("from", "gpt").member("value", example.target).endObject();
        writer.endArray().member("system", example.prompt->system).endObject();
    }
};

} // namespace

const View& sharegptView() {
    static const SharegptView view;
    return view;
}

} // namespace scrit::format
