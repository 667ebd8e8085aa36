#include "command_line.hpp"

#include <algorithm>

#include <cicada/schedule/nearest.hpp>
#include <cicada/schedule/policy_text.hpp>
#include <cicada/schedule/simulate.hpp>

#include "completion.hpp"
#include "problem.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

constexpr std::size_t most_instants = 1'000'000;

std::vector<std::string> names_of_options(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
    const std::vector<std::string> near = nearest_names(word, names);
    return near.empty() ? std::string() : "did you mean " + listed(near, " or ") + '?';
}

/// "run (default) or skip"
template <class Value>
std::string alternatives(std::string_view chosen) {
    std::vector<std::string> all = words_of<Value>();
    for (std::string& word : all) word += word == chosen ? " (default)" : "";
    return listed(all, " or ");
}

} // namespace

command_line::command_line()
    : app_("When schedules run: cron patterns explained, schedules simulated.", "cicada") {
    app_.set_version_flag("--version",
                          "cicada " CICADA_COMMAND_VERSION ", tz database " + tz_version(),
                          "The versions of cicada and of the tz database");
    app_.set_help_flag("-h,--help", "This help");
    app_.require_subcommand(1);
    app_.get_formatter()->column_width(26);
    app_.footer("Each command has its own --help, with examples.\n"
                "Exit status: 0, 1 when there is nothing to tell or it cannot be written, 2 for "
                "bad input.");
    add_next();
    add_explain();
    add_simulate();
    add_pressure();
    add_completion();
}

CLI::App* command_line::add_pattern_command(const std::string& name, const std::string& what,
                                            pattern_arguments& given) {
    CLI::App* command = app_.add_subcommand(name, what);
    command
        ->add_option("PATTERN", given.pattern,
                     "A cron pattern, in quotes: [second] minute hour day month weekday [year]")
        ->required()
        ->option_text(" ");
    command->add_option("--tz", given.zone, "Its time zone; default: the system's")
        ->option_text("ZONE");
    command->add_option("--after", given.after, "Look from there on; default: now")
        ->option_text("INSTANT");
    command
        ->add_option("-n,--count", given.count,
                     "How many instants; default: " + std::to_string(given.count))
        ->option_text("N")
        ->check(CLI::Range(std::size_t{1}, most_instants));
    command
        ->add_option("--gap", given.gap,
                     "Local times that clocks leap over: " + alternatives<gap>(given.gap))
        ->option_text("POLICY");
    command->add_option("--dialect", given.dialect, alternatives<dialect>(given.dialect))
        ->option_text("DIALECT");
    command->add_option("--name", given.name, "What H in a pattern is a hash of")
        ->option_text("NAME");
    command->add_flag("--json", given.wants_json, "As JSON");
    return command;
}

void command_line::add_next() {
    CLI::App* command =
        add_pattern_command("next", "The next instants of a pattern, one a line", next_);
    command->add_flag("--utc", next_.in_utc, "Print instants in UTC");
    command->footer("INSTANT is RFC 3339, a local time (2026-03-29T01:00), a date, or now.\n"
                    "Examples:\n"
                    "  cicada next '0 7 * * MON-FRI' --tz Europe/Berlin --count 3\n"
                    "  cicada next '30 2 * * *' --tz Europe/Berlin --after 2026-03-29 --gap skip\n"
                    "  cicada next 'H 3 * * *' --name backup --utc --json\n"
                    "Status 1 and a message if there is none, 2 for a bad pattern or option.");
}

void command_line::add_explain() {
    explain_.count = 5;
    CLI::App* command = add_pattern_command(
        "explain", "A pattern in words, what DST does to it, and remarks", explain_);
    command->footer("Examples:\n"
                    "  cicada explain '30 2 * * *' --tz Europe/Berlin\n"
                    "  cicada explain '0 0 13 * 5'\n"
                    "  cicada explain '0 0 12 LW * ?' --dialect quartz");
}

void command_line::add_simulate() {
    CLI::App* command =
        app_.add_subcommand("simulate", "What becomes of each instant of a file's schedules");
    command->add_option("FILE", simulate_.file, "Schedules, in TOML")->required()->option_text(" ");
    command->add_option("--from", simulate_.from, "Begin there; default: now")
        ->option_text("INSTANT");
    command->add_option("--to", simulate_.to, "End there; default: a day later")
        ->option_text("INSTANT");
    command->add_option("--tz", simulate_.zone, "Print in this time zone; default: the file's")
        ->option_text("ZONE");
    command->add_flag("--summary", simulate_.wants_summary, "One line for each schedule");
    command->add_flag("--json", simulate_.wants_json, "As JSON");
    command->footer("FILE, in short (the manual has all of it):\n"
                    "  timezone = \"Europe/Berlin\"\n"
                    "  [schedule.backup]\n"
                    "  cron = \"30 2 * * *\"            # or every, fixed_delay, when\n"
                    "  takes = \"2h\"\n"
                    "  overlap = { buffer_all = 3 }\n"
                    "  [[outage]]\n"
                    "  from = 2026-03-29T00:30:00Z\n"
                    "  until = 2026-03-29T03:00:00Z\n"
                    "Examples:\n"
                    "  cicada simulate jobs.toml --from 2026-03-28 --to 2026-03-30\n"
                    "  cicada simulate jobs.toml --from 2026-01-01 --to 2027-01-01 --summary");
}

void command_line::add_pressure() {
    CLI::App* command =
        app_.add_subcommand("pressure", "How many runs start in each minute of a week");
    command->add_option("FILE", pressure_.file, "Schedules, in TOML; see simulate")
        ->required()
        ->option_text(" ");
    command->add_option("--from", pressure_.from, "Some time of the week to look at; default: now")
        ->option_text("INSTANT");
    command->add_option("--tz", pressure_.zone, "The week's time zone; default: the file's")
        ->option_text("ZONE");
    command->add_flag("--json", pressure_.wants_json, "As JSON");
    command->footer("Intervals are taken to begin with the week.\n"
                    "Example:\n"
                    "  cicada pressure jobs.toml");
}

void command_line::add_completion() {
    CLI::App* command =
        app_.add_subcommand("completion", "A script that completes this command in a shell");
    command->add_option("SHELL", shell_, "bash, zsh or fish")->required()->option_text(" ");
    command->footer("Examples:\n"
                    "  source <(cicada completion bash)\n"
                    "  cicada completion fish > ~/.config/fish/completions/cicada.fish");
}

const CLI::App& command_line::named() const {
    const auto commands = app_.get_subcommands();
    return commands.empty() ? app_ : *commands.front();
}

void command_line::refuse(const CLI::ParseError& e) const {
    const CLI::App& command = named();
    std::vector<std::string> unexpected = app_.remaining(true);
    const auto ends_options = std::find(unexpected.begin(), unexpected.end(), "--");
    auto option = std::find_if(unexpected.begin(), ends_options,
                               [](const std::string& word) { return word.starts_with('-'); });
    if (option == ends_options) option = unexpected.end();
    problem p{.where = "", .what = e.what()};
    if (option != unexpected.end()) {
        p.what = "there is no option " + *option;
        p.help = did_you_mean(*option, names_of_options(command));
    } else if (command.get_option_no_throw("PATTERN") != nullptr && !unexpected.empty()) {
        std::vector<std::string> words{command.get_name() == "next" ? next_.pattern
                                                                    : explain_.pattern};
        std::remove_copy(unexpected.begin(), unexpected.end(), std::back_inserter(words), "--");
        throw bad_input(problem_of_words(words));
    }
    if (p.what.starts_with("The ") || p.what.starts_with("A ")) p.what.front() += 'a' - 'A';
    if (p.help.empty()) {
        p.help = "see cicada " + (&command == &app_ ? "" : command.get_name() + ' ') + "--help";
    }
    throw bad_input(std::move(p));
}

void command_line::refuse_unknown_command(std::string_view word) const {
    std::vector<std::string> names;
    for (const CLI::App* command : app_.get_subcommands({})) names.push_back(command->get_name());
    if (word.starts_with('-') || std::find(names.begin(), names.end(), word) != names.end()) return;
    const std::string near = did_you_mean(word, names);
    throw bad_input(problem{.where = "",
                            .what = "there is no command \"" + std::string(word) + '"',
                            .help = near.empty() ? "the commands are " + listed(names) : near});
}

std::string command_line::completion() const {
    if (shell_ == "zones") { // for the scripts
        std::string names;
        for (const std::string& name : zone::names()) names += name + '\n';
        return names;
    }
    return completion_script(app_, shell_);
}

int command_line::run(int argc, const char* const* argv, wall_time now, output& out) {
    if (argc > 1) refuse_unknown_command(argv[1]);
    try {
        app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        out.write(app_.help());
        return 0;
    } catch (const CLI::CallForVersion& e) {
        out.write(e.what() + std::string("\n"));
        return 0;
    } catch (const CLI::ParseError& e) {
        refuse(e);
    }
    const std::string command = named().get_name();
    try {
        if (command == "next") return next(next_, now, out);
        if (command == "explain") return explain(explain_, now, out);
        if (command == "simulate") return simulate(simulate_, now, out);
        if (command == "pressure") return pressure(pressure_, now, out);
    } catch (const too_many_instants& e) {
        throw bad_input({.where = e.name(),
                         .what = "more than " + grouped(e.most()) + " instants in this time",
                         .help = "give it a longer period, or look at a shorter time"});
    }
    out.write(completion());
    return 0;
}

} // namespace cicada::app
