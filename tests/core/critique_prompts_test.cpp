// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/critique/prompt_template.h"
#include "tests/support/test_program.h"

#include <QtTest>

using namespace scrit;
using critique::PromptTemplate;

class PromptsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rendersSections();
    void valuesAreNotExpanded();
    void badTemplates_data();
    void badTemplates();
    void wrongFields();
    void hashSeparatesMessages();
    void shippedPrompts_data();
    void shippedPrompts();
    void directPrompt();
};

void PromptsTest::rendersSections() {
    const auto prompt =
        PromptTemplate::parse("A comment.\r\n--- system ---\r\nBe brief.\r\n\r\n--- user ---\r\n"
                              "P: {{problem}} / {{ problem }} S: {{solution}}\n");
    QVERIFY(prompt.has_value());
    QCOMPARE(prompt->fields(), (std::vector<std::string>{"problem", "solution"}));
    const auto rendered = prompt->render({{"problem", "1+1"}, {"solution", "2"}});
    QVERIFY(rendered.has_value());
    const std::vector<critique::Message> expected{{"system", "Be brief."},
                                                  {"user", "P: 1+1 / 1+1 S: 2"}};
    QCOMPARE(rendered->messages, expected);
    QCOMPARE(rendered->hash, critique::promptHash(expected));
    QCOMPARE(PromptTemplate::parse("Solve {{problem}}.")
                 ->render({{"problem", "x"}})
                 ->messages.front()
                 .role,
             std::string("user"));
}

void PromptsTest::valuesAreNotExpanded() {
    const auto prompt = PromptTemplate::parse("{{a}}{{b}}");
    const auto rendered = prompt->render({{"a", "{{b}} --- user ---"}, {"b", "{{a"}});
    QCOMPARE(rendered->messages.front().content, std::string("{{b}} --- user ---{{a"));
}

void PromptsTest::badTemplates_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("empty") << QByteArray("") << QByteArray("no text");
    QTest::newRow("empty section")
        << QByteArray("--- system ---\n--- user ---\nx") << QByteArray("\"system\"");
    QTest::newRow("unclosed") << QByteArray("a\n\n{{problem") << QByteArray("line 3");
    QTest::newRow("unclosed in its section")
        << QByteArray("--- system ---\n{{a\n--- user ---\n}}") << QByteArray("line 2");
    QTest::newRow("bad name") << QByteArray("{{Pro blem}}") << QByteArray("Pro blem");
    QTest::newRow("no name") << QByteArray("{{}}") << QByteArray("field name");
}

void PromptsTest::badTemplates() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, says);
    const auto prompt = PromptTemplate::parse(text.toStdString());
    QVERIFY(!prompt.has_value());
    QCOMPARE(prompt.error().code, base::ErrorCode::Parse);
    QVERIFY2(prompt.error().message.find(says.toStdString()) != std::string::npos,
             prompt.error().message.c_str());
}

void PromptsTest::wrongFields() {
    const auto prompt = PromptTemplate::parse("{{problem}} {{solution}}");
    const auto missing = prompt->render({{"problem", "x"}});
    QVERIFY(!missing && missing.error().message.find("\"solution\"") != std::string::npos);
    const auto unknown = prompt->render({{"problem", "x"}, {"solution", "y"}, {"extra", "z"}});
    QVERIFY(!unknown && unknown.error().message.find("\"extra\"") != std::string::npos);
}

void PromptsTest::hashSeparatesMessages() {
    QVERIFY(critique::promptHash({{"user", "ab"}}) !=
            critique::promptHash({{"user", "a"}, {"user", "b"}}));
    QVERIFY(critique::promptHash({{"user", "ab"}}) != critique::promptHash({{"system", "ab"}}));
}

void PromptsTest::shippedPrompts_data() {
    QTest::addColumn<QByteArray>("fields");
    QTest::newRow("direct_critic") << QByteArray("problem solution ");
    QTest::newRow("contrastive_critic") << QByteArray("problem reference solution ");
    QTest::newRow("bug_injection") << QByteArray("problem solution ");
    QTest::newRow("student_solve") << QByteArray("problem ");
}

void PromptsTest::shippedPrompts() {
    QFETCH(QByteArray, fields);
    const auto prompt = critique::shippedPrompt(QTest::currentDataTag());
    QVERIFY2(prompt.has_value(), prompt ? "" : prompt.error().text().c_str());
    QByteArray names;
    for (const std::string& name : prompt->fields()) {
        names += QByteArray::fromStdString(name) + " ";
    }
    QCOMPARE(names, fields);
    QVERIFY(!critique::shippedPrompt("no_such_prompt").has_value());
}

// The direct critic must never hear of a reference.
void PromptsTest::directPrompt() {
    const auto rendered = critique::directPromptMessages("What is 1+1?", "It is 3.");
    QVERIFY2(rendered.has_value(), rendered ? "" : rendered.error().text().c_str());
    QCOMPARE(rendered->messages.size(), std::size_t{2});
    QCOMPARE(rendered->messages[0].role, std::string("system"));
    QCOMPARE(rendered->messages[1].content,
             std::string("## Math Problem\nWhat is 1+1?\n\n## Student Solution\nIt is 3."));
    for (const critique::Message& message : rendered->messages) {
        QVERIFY(base::lowerAscii(message.content).find("reference") == std::string::npos);
        QVERIFY(message.content.find("SPDX") == std::string::npos);
    }
}

SCRIT_TEST(PromptsTest)
#include "critique_prompts_test.moc"
