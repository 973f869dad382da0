// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/recipe.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit;
using namespace scrit::loop;

namespace {

const std::string kSmall = "name = \"mine\"\nmode = \"direct\"\n"
                           "[critic]\nprompt = \"direct_critic\"\n"
                           "[validator]\nprompt = \"direct_critic\"\n";

} // namespace

class LoopRecipeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theShippedOnesAreGood_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("mode");
        QTest::newRow("scrit") << QByteArray("scrit")
                               << static_cast<int>(model::CritiqueMode::Contrastive);
        QTest::newRow("direct") << QByteArray("scrit-direct")
                                << static_cast<int>(model::CritiqueMode::Direct);
        QTest::newRow("bug injection") << QByteArray("scrit-bug-injection")
                                       << static_cast<int>(model::CritiqueMode::BugInjection);
    }
    void theShippedOnesAreGood() {
        QFETCH(QByteArray, name);
        QFETCH(int, mode);
        const auto recipe = loadRecipe(name.toStdString());
        QVERIFY2(recipe.has_value(), recipe ? "" : recipe.error().text().c_str());
        QCOMPARE(recipe->name, name.toStdString());
        QCOMPARE(static_cast<int>(recipe->mode), mode);
        QCOMPARE(recipe->balance, std::string("1:1"));
        QCOMPARE(recipe->capPerStudentAndClass.value_or(0), std::int64_t{50'000});
        QVERIFY(recipe->validate && recipe->validateCorrect == ValidateCorrect::Solution);
        QCOMPARE(recipe->validator.prompt, std::string("direct_critic"));
        QCOMPARE(recipe->exportViews.size(), std::size_t{2});
        QVERIFY(!recipe->text.empty());
    }

    void defaults() {
        const auto recipe = parseRecipe(kSmall);
        QVERIFY2(recipe.has_value(), recipe ? "" : recipe.error().text().c_str());
        QCOMPARE(recipe->critic.maxTokens, 4096);
        QCOMPARE(recipe->critic.samples, 1);
        QVERIFY(recipe->bothClasses);
        QVERIFY(!recipe->capPerStudentAndClass);
    }

    void mistakes_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArray>("advice");
        const QByteArray good = QByteArray::fromStdString(kSmall);
        QTest::newRow("unknown key") << good + "tempreature = 1\n"
                                     << QByteArray("line 7: validator.tempreature is not known")
                                     << QByteArray("did you mean temperature?");
        QTest::newRow("unknown table")
            << good + "[critics]\n"
            << QByteArray("line 7: critics is not known") << QByteArray("did you mean critic?");
        QTest::newRow("wrong type")
            << good + "max_tokens = \"many\"\n"
            << QByteArray("line 7: validator.max_tokens has the wrong type") << QByteArray();
        QTest::newRow("out of range")
            << good + "temperature = -1\n"
            << QByteArray("line 7: validator.temperature is out of range") << QByteArray();
        QTest::newRow("no such mode") << QByteArray("name = \"x\"\nmode = \"sideways\"\n")
                                      << QByteArray("line 2: mode must be") << QByteArray();
        QTest::newRow("recorded is no way to make critiques")
            << QByteArray("name = \"x\"\nmode = \"recorded\"\n")
            << QByteArray("line 2: mode must be") << QByteArray();
        QTest::newRow("syntax") << QByteArray("name = \n") << QByteArray("line 1:") << QByteArray();
        QTest::newRow("no name") << QByteArray("[critic]\nprompt=\"p\"\n") << QByteArray("no name")
                                 << QByteArray("add name");
        QTest::newRow("no critic")
            << QByteArray("name=\"x\"\n") << QByteArray("no critic prompt") << QByteArray();
        QTest::newRow("no injector") << QByteArray("mode=\"bug-injection\"\n")
                                            .append(good)
                                            .replace("mode = \"direct\"\n", "")
                                     << QByteArray("needs an injector") << QByteArray();
        QTest::newRow("a number where a table belongs")
            << QByteArray("critic = 3\nname=\"x\"\n")
            << QByteArray("line 1: critic must be a table") << QByteArray();
        QTest::newRow("views of numbers")
            << good + "[curate]\nviews = [1]\n"
            << QByteArray("curate.views must be a list") << QByteArray();
    }
    void mistakes() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, advice);
        const auto recipe = parseRecipe(text.toStdString());
        QVERIFY(!recipe.has_value());
        QCOMPARE(recipe.error().code, base::ErrorCode::Invalid);
        QVERIFY2(QByteArray::fromStdString(recipe.error().message).contains(message),
                 recipe.error().message.c_str());
        QVERIFY2(QByteArray::fromStdString(recipe.error().advice).contains(advice),
                 recipe.error().advice.c_str());
    }

    void valuesCanBeChanged() {
        const auto recipe = loadRecipe("scrit");
        QVERIFY(recipe && recipe->reference == ReferenceSource::Solutions);
        const auto changed = changedRecipe(*recipe, {{"select.reference", "\"problem\""},
                                                     {"student.temperature", "1.0"},
                                                     {"validator.enabled", "false"}});
        QVERIFY2(changed.has_value(), changed ? "" : changed.error().text().c_str());
        QVERIFY(changed->reference == ReferenceSource::Problem);
        QCOMPARE(changed->student.temperature, 1.0);
        QVERIFY(!changed->validate);
        QCOMPARE(changed->name, recipe->name);
        QCOMPARE(changed->critic.temperature, recipe->critic.temperature);
        QCOMPARE(changed->capPerStudentAndClass, recipe->capPerStudentAndClass);
        // What is stored with a run is what was changed.
        const auto again = parseRecipe(changed->text);
        QVERIFY(again && again->reference == ReferenceSource::Problem && !again->validate);
        for (const char* key : {"select.refrence", "select.reference"}) {
            const auto bad = changedRecipe(*recipe, {{key, "\"nobody\""}});
            QVERIFY(!bad && bad.error().code == base::ErrorCode::Invalid);
        }
        QVERIFY(!changedRecipe(*recipe, {{"student.temperature", "hot"}}));
    }

    void anUnknownRecipeListsTheKnown() {
        const auto recipe = loadRecipe("scritt");
        QCOMPARE(recipe.error().code, base::ErrorCode::NotFound);
        QVERIFY(recipe.error().advice.find("scrit-direct") != std::string::npos);
        QCOMPARE(loadRecipe("/no/such/recipe.toml").error().code, base::ErrorCode::NotFound);
    }
};

SCRIT_TEST(LoopRecipeTest)
#include "loop_recipe_test.moc"
