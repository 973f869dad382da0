// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

// What the readers of exported rows ask for, written down from their public definitions: OpenAI's
// fine-tuning guide (chat format), TRL's "dataset formats and types", the README of LLaMA-Factory's
// data folder, and the ProcessBench data card. Each gives the first fault, or nothing.
namespace scrit::format::testing {

using Json = nlohmann::json;
using Fault = std::string;

inline Fault textField(const Json& object, const char* key, bool mayBeEmpty = false) {
    if (!object.contains(key) || !object[key].is_string()) {
        return std::string(key) + " is no text";
    }
    return !mayBeEmpty && object[key].get<std::string>().empty() ? std::string(key) + " is empty"
                                                                 : Fault{};
}

inline Fault onlyKeys(const Json& object, std::initializer_list<std::string_view> keys) {
    for (const auto& [key, value] : object.items()) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            return "unknown key " + key;
        }
    }
    return {};
}

// Messages with exactly these roles in this order.
inline Fault messages(const Json& list, std::initializer_list<std::string_view> roles) {
    if (!list.is_array() || list.size() != roles.size()) {
        return "not as many messages as expected";
    }
    auto role = roles.begin();
    for (const Json& message : list) {
        if (!message.is_object() || message.size() != 2) {
            return "a message is not role and content";
        }
        if (message.value("role", "") != *role++) {
            return "roles in another order";
        }
        if (Fault fault = textField(message, "content"); !fault.empty()) {
            return fault;
        }
    }
    return {};
}

// OpenAI, chat format: "messages" alone at the top, roles system, user, assistant, the last one of
// the assistant.
inline Fault openAiChat(const Json& row) {
    if (Fault fault = onlyKeys(row, {"messages"}); !fault.empty()) {
        return fault;
    }
    return messages(row.value("messages", Json()), {"system", "user", "assistant"});
}

// TRL, conversational prompt-completion: the prompt ends before the assistant, the completion is
// the assistant's.
inline Fault trlPromptCompletion(const Json& row) {
    if (Fault fault = onlyKeys(row, {"prompt", "completion"}); !fault.empty()) {
        return fault;
    }
    const Fault prompt = messages(row.value("prompt", Json()), {"system", "user"});
    return prompt.empty() ? messages(row.value("completion", Json()), {"assistant"}) : prompt;
}

// TRL, conversational preference with an explicit prompt.
inline Fault trlPreference(const Json& row) {
    if (Fault fault = onlyKeys(row, {"prompt", "chosen", "rejected"}); !fault.empty()) {
        return fault;
    }
    for (const char* side : {"chosen", "rejected"}) {
        if (Fault fault = messages(row.value(side, Json()), {"assistant"}); !fault.empty()) {
            return fault;
        }
    }
    if (row["chosen"] == row["rejected"]) {
        return "chosen is rejected";
    }
    return messages(row.value("prompt", Json()), {"system", "user"});
}

// TRL, stepwise supervision: one label a completion.
inline Fault trlStepwise(const Json& row) {
    if (Fault fault = onlyKeys(row, {"prompt", "completions", "labels"}); !fault.empty()) {
        return fault;
    }
    if (Fault fault = textField(row, "prompt"); !fault.empty()) {
        return fault;
    }
    const Json& steps = row.at("completions");
    const Json& labels = row.at("labels");
    if (!steps.is_array() || !labels.is_array() || steps.empty() || steps.size() != labels.size()) {
        return "not one label a step";
    }
    const auto isText = [](const Json& value) {
        return value.is_string();
    };
    const auto isTruth = [](const Json& value) {
        return value.is_boolean();
    };
    return std::all_of(steps.begin(), steps.end(), isText) &&
                   std::all_of(labels.begin(), labels.end(), isTruth)
               ? Fault{}
               : "steps are no texts, or labels no truth values";
}

// LLaMA-Factory, alpaca: instruction and output are needed.
inline Fault alpaca(const Json& row) {
    if (Fault fault = onlyKeys(row, {"instruction", "input", "output", "system"}); !fault.empty()) {
        return fault;
    }
    for (const char* key : {"instruction", "output", "system"}) {
        if (Fault fault = textField(row, key); !fault.empty()) {
            return fault;
        }
    }
    return textField(row, "input", true);
}

// LLaMA-Factory, sharegpt: human at odd places, gpt at even ones.
inline Fault sharegpt(const Json& row) {
    if (Fault fault = onlyKeys(row, {"conversations", "system"}); !fault.empty()) {
        return fault;
    }
    if (Fault fault = textField(row, "system"); !fault.empty()) {
        return fault;
    }
    const Json turns = row.value("conversations", Json());
    if (!turns.is_array() || turns.empty() || turns.size() % 2 != 0) {
        return "turns do not come in pairs";
    }
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (turns[i].value("from", "") != (i % 2 == 0 ? "human" : "gpt")) {
            return "a turn of the wrong side";
        }
        if (Fault fault = textField(turns[i], "value"); !fault.empty()) {
            return fault;
        }
    }
    return {};
}

// LLaMA-Factory, dataset_info.json: each entry names a file and only columns and tags that it
// knows; the columns are those of the rows.
inline Fault datasetInfoEntry(const Json& entry, const Json& row) {
    if (Fault fault = onlyKeys(entry, {"file_name", "formatting", "columns", "tags"});
        !fault.empty()) {
        return fault;
    }
    if (Fault fault = textField(entry, "file_name"); !fault.empty()) {
        return fault;
    }
    const std::string formatting = entry.value("formatting", "alpaca");
    if (formatting != "alpaca" && formatting != "sharegpt") {
        return "unknown formatting";
    }
    const std::set<std::string> columns =
        formatting == "alpaca"
            ? std::set<std::string>{"prompt", "query", "response", "system", "history"}
            : std::set<std::string>{"messages", "system", "tools"};
    for (const auto& [name, column] : entry.at("columns").items()) {
        if (!columns.contains(name) || !row.contains(column.get<std::string>())) {
            return "column " + name;
        }
    }
    const std::set<std::string> tags{"role_tag", "content_tag", "user_tag", "system_tag",
                                     "assistant_tag"};
    const Json given = entry.value("tags", Json::object());
    for (const auto& [name, tag] : given.items()) {
        if (!tags.contains(name)) {
            return "tag " + name;
        }
    }
    return {};
}

// ProcessBench: the keys of its rows; ours has the source besides. The truth of the final answer
// may be unknown here.
inline Fault processBench(const Json& row) {
    if (Fault fault = onlyKeys(row, {"id", "generator", "problem", "steps", "final_answer_correct",
                                     "label", "source"});
        !fault.empty()) {
        return fault;
    }
    for (const char* key : {"id", "generator", "problem"}) {
        if (Fault fault = textField(row, key); !fault.empty()) {
            return fault;
        }
    }
    const Json& steps = row.at("steps");
    const Json& truth = row.at("final_answer_correct");
    const Json& label = row.at("label");
    if (!steps.is_array() || steps.empty() || !(truth.is_boolean() || truth.is_null()) ||
        !label.is_number_integer()) {
        return "a value of another type";
    }
    const auto first = label.get<std::int64_t>();
    return first >= -1 && first < static_cast<std::int64_t>(steps.size()) ? Fault{}
                                                                          : "label is no step";
}

} // namespace scrit::format::testing
