#include "completion.hpp"

#include <cicada/schedule/policy_text.hpp>

#include "problem.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

/// What can stand after an option, in the words of a shell; empty: anything.
std::string values_of(const std::string& option) {
    if (option == "tz") return "$(cicada completion zones)";
    if (option == "gap") return joined_fields(words_of<gap>());
    if (option == "dialect") return joined_fields(words_of<dialect>());
    return {};
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string long_name(const CLI::Option& option) {
    return option.get_lnames().empty() ? std::string() : option.get_lnames().front();
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
    std::vector<const CLI::Option*> named;
    for (const CLI::Option* option : command.get_options()) {
        if (!long_name(*option).empty()) named.push_back(option);
    }
    return named;
}

std::vector<std::string> commands_of(const CLI::App& whole) {
    std::vector<std::string> names;
    for (const CLI::App* command : whole.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

std::string dashed(const CLI::App& command) {
    std::vector<std::string> words;
    for (const CLI::Option* option : options_of(command))
        words.push_back("--" + long_name(*option));
    return joined_fields(words);
}

std::string for_bash(const CLI::App& whole) {
    std::string text = "# source <(cicada completion bash)\n"
                       "_cicada() {\n"
                       "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
                       "    case ${COMP_WORDS[COMP_CWORD - 1]} in\n";
    for (const std::string option : {"tz", "gap", "dialect"}) {
        text += "    --" + option + ") COMPREPLY=($(compgen -W \"" + values_of(option) +
                "\" -- \"$word\")); return ;;\n";
    }
    text += "    esac\n"
            "    if ((COMP_CWORD == 1)); then\n"
            "        words='" +
            joined_fields(commands_of(whole)) + ' ' + dashed(whole) +
            "'\n"
            "    else\n"
            "        case ${COMP_WORDS[1]} in\n";
    for (const CLI::App* command : whole.get_subcommands({})) {
        const bool is_own = command->get_name() == "completion";
        text += "        " + command->get_name() + ") words='" + (is_own ? "bash zsh fish " : "") +
                dashed(*command) + "' ;;\n";
    }
    return text + "        esac\n"
                  "    fi\n"
                  "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                  "}\n"
                  "complete -o default -F _cicada cicada\n";
}

std::string for_zsh(const CLI::App& whole) {
    std::string text = "#compdef cicada\n"
                       "_cicada() {\n"
                       "    local -a commands\n"
                       "    commands=(\n";
    for (const CLI::App* command : whole.get_subcommands({})) {
        text += "        \"" + command->get_name() + ':' + command->get_description() + "\"\n";
    }
    text += "    )\n"
            "    if ((CURRENT == 2)); then _describe command commands; return; fi\n"
            "    local command=$words[2]\n"
            "    shift words; ((CURRENT--))\n"
            "    case $command in\n";
    for (const CLI::App* command : whole.get_subcommands({})) {
        text += "    " + command->get_name() + ") _arguments";
        for (const CLI::Option* option : options_of(*command)) {
            const std::string name = long_name(*option);
            text += " \\\n        \"--" + name + '[' + option->get_description() + ']';
            if (takes_value(*option)) {
                const std::string values = values_of(name);
                text += ':' + name + ':' + (values.empty() ? " " : '(' + values + ')');
            }
            text += '"';
        }
        const bool is_own = command->get_name() == "completion";
        text += std::string(" \\\n        '*:argument:") + (is_own ? "(bash zsh fish)" : "_files") +
                "' ;;\n";
    }
    return text + "    esac\n"
                  "}\n"
                  "if [[ $funcstack[1] == _cicada ]]; then _cicada \"$@\"; else compdef _cicada "
                  "cicada; fi\n";
}

/// Between single quotes.
std::string fish_quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != text.npos; at += 2)
        text.insert(at, 1, '\\');
    return '\'' + text + '\'';
}

std::string for_fish(const CLI::App& whole) {
    std::string text = "# cicada completion fish > ~/.config/fish/completions/cicada.fish\n";
    for (const CLI::App* command : whole.get_subcommands({})) {
        text += "complete -c cicada -f -n __fish_use_subcommand -a " + command->get_name() +
                " -d " + fish_quoted(command->get_description()) + '\n';
    }
    for (const CLI::App* command : whole.get_subcommands({})) {
        const std::string within =
            "complete -c cicada -n '__fish_seen_subcommand_from " + command->get_name() + "'";
        if (command->get_name() == "completion") text += within + " -f -a 'bash zsh fish'\n";
        for (const CLI::Option* option : options_of(*command)) {
            const std::string name = long_name(*option);
            text += within + " -l " + name;
            if (takes_value(*option)) text += " -x";
            std::string values = values_of(name);
            if (values.starts_with('$')) values.erase(0, 1); // of fish: (command)
            if (!values.empty()) text += " -a " + fish_quoted(values);
            text += " -d " + fish_quoted(option->get_description()) + '\n';
        }
    }
    return text;
}

} // namespace

std::string completion_script(const CLI::App& whole, std::string_view shell) {
    if (shell == "bash") return for_bash(whole);
    if (shell == "zsh") return for_zsh(whole);
    if (shell == "fish") return for_fish(whole);
    throw bad_input(problem_of_all("expected bash, zsh or fish", "SHELL", shell));
}

} // namespace cicada::app
