// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/model_settings.h"
#include "core/backend/open_model.h"
#include "core/backend/redact.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace scrit;
using namespace scrit::backend;

Q_DECLARE_METATYPE(scrit::backend::ModelKind)

// Settings of stored models: text in, text out; and what may not be stored.
class BackendSettingsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBackAsItWas_data() {
        QTest::addColumn<ModelKind>("kind");
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("openai")
            << ModelKind::OpenAi
            << QByteArray(
                   R"({"urls":["https:\/\/a.example/v1","http:\/\/localhost:8000/v1"],"model":"m",)"
                   R"("key_env":"A_KEY","context":4096,"price_prompt":0.27,"price_completion":1.1,"rpm":60,)"
                   R"("tpm":100000,"max_in_flight":64,"extra_body":{"top_k":20},"stream":false,)"
                   R"("deadlines":{"connect_ms":5,"total_ms":1000}})");
        QTest::newRow("keychain")
            << ModelKind::OpenAi
            << QByteArray(
                   R"({"urls":["https:\/\/a.example/v1"],"model":"m","keychain":"my deepseek"})");
        QTest::newRow("llama-server")
            << ModelKind::LlamaServer
            << QByteArray(
                   R"({"gguf":"/m/a b.gguf","lora":["/m/l.gguf"],"program":"/opt/llama-server",)"
                   R"("args":["--threads","4"],"port":8080,"slots":4,"gpu_layers":0,"context":8192})");
        QTest::newRow("vllm") << ModelKind::Vllm
                              << QByteArray(R"({"model":"Qwen/Qwen2.5-7B-Instruct"})");
        QTest::newRow("recorded") << ModelKind::Recorded << QByteArray(R"({"files":["/a.jsonl"]})");
        QTest::newRow("builtin") << ModelKind::Builtin << QByteArray("{}");
        QTest::newRow("builtin, trained")
            << ModelKind::Builtin << QByteArray(R"({"checkpoint":"/m/round 1.safetensors"})");
    }
    void comesBackAsItWas() {
        QFETCH(ModelKind, kind);
        QFETCH(QByteArray, json);
        const auto settings = settingsFromJson(kind, json.toStdString());
        QVERIFY2(settings.has_value(), settings ? "" : settings.error().text().c_str());
        // moc takes two slashes in a raw string for a comment, hence the escapes above.
        QCOMPARE(QByteArray::fromStdString(settingsJson(kind, *settings)),
                 json.replace("\\/", "/"));
    }

    void refused_data() {
        QTest::addColumn<ModelKind>("kind");
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("says");
        const auto url = [](const char* text) {
            return QByteArray(R"({"model":"m","urls":["URL"]})").replace("URL", text);
        };
        const auto row = [](const char* name, ModelKind kind, const QByteArray& json,
                            const char* says) {
            QTest::newRow(name) << kind << json << QByteArray(says);
        };
        const ModelKind openai = ModelKind::OpenAi;
        const ModelKind llama = ModelKind::LlamaServer;
        row("no JSON", openai, "{", "no JSON object");
        row("a list", openai, "[]", "no JSON object");
        row("unknown key", openai, R"({"modle":"m"})", "did you mean model?");
        row("key of another kind", openai, R"({"gguf":"a"})", "means nothing for a model of kind");
        row("wrong type", openai, R"({"model":7})", "is not a text");
        row("negative price", openai, R"({"price_prompt":-1})", "is not a price");
        row("slots beyond reason", llama, R"({"gguf":"a","slots":100000})", "whole number");
        row("no URL", openai, R"({"model":"m"})", "a URL is missing");
        row("no model", openai, R"({"urls":["http:\/\/a/v1"]})", "name of the model is missing");
        row("no scheme", openai, url("localhost:8000/v1"), "write http://localhost:8000/v1");
        row("no scheme, far away", openai, url("api.example.com/v1"),
            "write https://api.example.com/v1");
        row("another scheme", openai, url("ftp://a/v1"), "neither http:// nor https://");
        row("empty URL", openai, url(""), "http");
        row("credentials", openai, url("https://user:s3cret@a/v1"), "holds credentials");
        row("credentials without scheme", openai, url("user:s3cret@a/v1"), "holds credentials");
        row("a query", openai, url("https://a/v1?api_key=s3cret"), "goes on after its path");
        row("a query without scheme", openai, url("a/v1?api_key=s3cret"), "has no scheme");
        row("no host", openai, url("http:///v1"), "names no host");
        row("bad port", openai, url("http://a:99999/v1"), "no number from 1 to 65535");
        row("a space", openai, url("http://a b/v1"), "names no host");
        row("twice", openai, R"({"model":"m","urls":["http:\/\/a/v1","http:\/\/a/v1"]})", "twice");
        row("a key as the variable", openai,
            R"({"model":"m","urls":["http:\/\/a/v1"],"key_env":"sk-s3cret"})", "a key was given");
        row("a long key as the variable", openai,
            R"({"model":"m","urls":["http:\/\/a/v1"],"key_env":"s3cretAbCdEfGhIjKlMnOpQrStUvWx12"})",
            "a key was given");
        row("no name of a variable", openai,
            R"({"model":"m","urls":["http:\/\/a/v1"],"key_env":"s3cret-name"})",
            "no name of an environment variable");
        row("a key as keychain entry", openai,
            R"({"model":"m","urls":["http:\/\/a/v1"],"keychain":"sk-s3cret"})", "a key was given");
        row("a key in the body", openai,
            R"({"model":"m","urls":["http:\/\/a/v1"],"extra_body":{"api_key":"s3cret"}})",
            "stored in the clear");
        row("messages in the body", openai,
            R"({"model":"m","urls":["http:\/\/a/v1"],"extra_body":{"messages":[]}})",
            "may not set");
        row("no model file", llama, "{}", "--gguf");
        row("a key for the server", llama, R"({"gguf":"a","args":["--api-key","s3cret"]})",
            "random key");
        row("another host", llama, R"({"gguf":"a","args":["--host=0.0.0.0"]})", "127.0.0.1 only");
        row("vllm without model", ModelKind::Vllm, "{}", "--model");
        row("recorded without files", ModelKind::Recorded, "{}", "--file");
        row("deadlines", openai, R"({"deadlines":{"connect":5}})", "connect_ms");
    }
    void refused() {
        QFETCH(ModelKind, kind);
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, says);
        const auto settings = settingsFromJson(kind, json.toStdString());
        QVERIFY(!settings.has_value());
        const std::string text = settings.error().text();
        QVERIFY2(text.find(says.constData()) != std::string::npos, text.c_str());
        QVERIFY2(text.find("s3cret") == std::string::npos, text.c_str());
        QVERIFY2(text.find('\n') == std::string::npos, text.c_str());
        QCOMPARE(settings.error().code, base::ErrorCode::Invalid);
    }

    void warnings_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<bool>("key");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("fine") << QByteArray("https://a/v1") << true << QByteArray();
        QTest::newRow("fine with slash") << QByteArray("https://a/api/v1/") << true << QByteArray();
        QTest::newRow("no /v1") << QByteArray("http://a:8000") << false
                                << QByteArray("http://a:8000/v1");
        QTest::newRow("one call") << QByteArray("http://a/v1/chat/completions") << false
                                  << QByteArray("you probably mean http://a/v1");
        QTest::newRow("key in the clear")
            << QByteArray("http://a/v1") << true << QByteArray("without encryption");
        QTest::newRow("key on this machine")
            << QByteArray("http://localhost:80/v1") << true << QByteArray();
    }
    void warnings() {
        QFETCH(QByteArray, url);
        QFETCH(bool, key);
        QFETCH(QByteArray, says);
        ModelSettings settings;
        settings.urls = {url.toStdString()};
        settings.modelId = "m";
        settings.keyVariable = key ? "A_KEY" : "";
        const auto warnings = settingsWarnings(ModelKind::OpenAi, settings);
        QCOMPARE(warnings.size(), static_cast<std::size_t>(says.isEmpty() ? 0 : 1));
        QVERIFY(says.isEmpty() || warnings[0].find(says.constData()) != std::string::npos);
    }

    void keysAndNames_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isKey");
        QTest::newRow("prefix") << QByteArray("sk-proj-abc") << true;
        QTest::newRow("hex") << QByteArray("0123456789abcdef0123456789abcdef") << true;
        QTest::newRow("base64") << QByteArray("QWxhZGRpbjpvcGVuIHNlc2FtZQ0123==") << true;
        QTest::newRow("name") << QByteArray("OPENAI_API_KEY") << false;
        QTest::newRow("long name") << QByteArray("MY_COMPANY_DEEPSEEK_API_KEY_NUMBER_2") << false;
        QTest::newRow("words") << QByteArray("the key of my group at DeepSeek, 2026") << false;
        QTest::newRow("empty") << QByteArray() << false;
    }
    void keysAndNames() {
        QFETCH(QByteArray, text);
        QFETCH(bool, isKey);
        QCOMPARE(looksLikeKey(text.toStdString()), isKey);
    }

    void noKeyLeaves_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("out");
        QTest::newRow("none") << QByteArray("nothing here") << QByteArray("nothing here");
        QTest::newRow("twice") << QByteArray("a planted-key b planted-key")
                               << QByteArray("a [key] b [key]");
        QTest::newRow("cut off") << QByteArray("you sent planted-k…")
                                 << QByteArray("you sent [key]…");
        QTest::newRow("cut off early")
            << QByteArray("you sent pla…") << QByteArray("you sent pla…");
        QTest::newRow("only that") << QByteArray("planted-key") << QByteArray("[key]");
    }
    void noKeyLeaves() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, out);
        QCOMPARE(QByteArray::fromStdString(withoutKey(text.toStdString(), "planted-key")), out);
        QCOMPARE(QByteArray::fromStdString(withoutKey(text.toStdString(), "")), text);
    }

    void keysComeFromTheEnvironment() {
        ModelSettings settings;
        QCOMPARE(keyFromEnvironment(settings).value_or("?"), std::string());
        settings.keyVariable = "SCRIT_TEST_KEY_VARIABLE";
        qunsetenv("SCRIT_TEST_KEY_VARIABLE");
        QVERIFY(keyFromEnvironment(settings).error().message.find("is not set") !=
                std::string::npos);
        qputenv("SCRIT_TEST_KEY_VARIABLE", " \n");
        QVERIFY(keyFromEnvironment(settings).error().message.find("is empty") != std::string::npos);
        QCOMPARE(keyFromEnvironment(settings).error().code, base::ErrorCode::Auth);
        qputenv("SCRIT_TEST_KEY_VARIABLE", "secret\n");
        QCOMPARE(keyFromEnvironment(settings).value_or("?"), std::string("secret"));
    }

    void identityFollowsTheFileNotItsPlace() {
        QTemporaryDir dir;
        const std::string first = dir.filePath(QStringLiteral("a.gguf")).toStdString();
        const std::string second = dir.filePath(QStringLiteral("b.gguf")).toStdString();
        const std::string bytes(3'000'000, 'x');
        std::ofstream(first) << bytes;
        std::ofstream(second) << bytes;
        ModelSettings settings;
        settings.modelFile = first;
        const std::string one = modelIdentity(ModelKind::LlamaServer, settings).value_or("");
        QVERIFY(one.starts_with("gguf:"));
        settings.modelFile = second;
        QCOMPARE(modelIdentity(ModelKind::LlamaServer, settings).value_or("?"), one);
        settings.extraBody = R"({"top_k":1})";
        QVERIFY(modelIdentity(ModelKind::LlamaServer, settings).value_or("?") != one);
        settings.extraBody.clear();
        settings.loraFiles = {first};
        QVERIFY(modelIdentity(ModelKind::LlamaServer, settings).value_or("?") != one);
        settings.loraFiles.clear();
        std::ofstream(second, std::ios::app) << 'y';
        QVERIFY(modelIdentity(ModelKind::LlamaServer, settings).value_or("?") != one);
        settings.modelFile = second + ".missing";
        QCOMPARE(modelIdentity(ModelKind::LlamaServer, settings).error().code,
                 base::ErrorCode::NotFound);
        settings.urls = {"http://a/v1"};
        settings.modelId = "m";
        const std::string remote = modelIdentity(ModelKind::OpenAi, settings).value_or("");
        settings.urls = {"http://b/v1"};
        QCOMPARE(modelIdentity(ModelKind::OpenAi, settings).value_or("?"), remote);
    }
};

SCRIT_TEST(BackendSettingsTest)
#include "backend_settings_test.moc"
