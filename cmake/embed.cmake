# SQL that lies in .sql files and is part of a library.
#
#   cicada_embed(<target> <folder> <prefix>)       below src
#
# Each file of the folder becomes a std::string_view, which <folder>/sql.hpp declares: with the
# prefix sql, store/sqlite/migrations/0001.sql is cicada::detail::sql_migrations_0001. A file that
# changes is embedded anew by the next build. Call it where the target is made:
#
#   if(TARGET cicada_jobs)
#       cicada_embed(cicada_jobs store/sqlite sql)
#   endif()
#
# As a script it writes the source file: cmake -D SOURCE=<folder> -D "FILES=<file>;..."
# -D PREFIX=<prefix> -D HEADER=<sql.hpp> -D TO=<file> -P embed.cmake.

if(CMAKE_SCRIPT_MODE_FILE)
    set(text "#include <${HEADER}>\n\nnamespace cicada::detail {\n")
    foreach(name IN LISTS FILES)
        file(READ ${SOURCE}/${name} sql)
        string(REGEX REPLACE "\\.sql$" "" name ${name})
        string(REPLACE "/" "_" name ${name})
        string(APPEND text "\nconst std::string_view ${PREFIX}_${name} = R\"__sql__(${sql})__sql__\";\n")
    endforeach()
    file(WRITE ${TO} "${text}\n} // namespace cicada::detail\n")
    return()
endif()

set(cicada_embed_script ${CMAKE_CURRENT_LIST_FILE})

function(cicada_embed target folder prefix)
    set(source ${PROJECT_SOURCE_DIR}/src/${folder})
    set(made ${PROJECT_BINARY_DIR}/embedded/${folder}/sql.cpp)
    file(GLOB_RECURSE names CONFIGURE_DEPENDS RELATIVE ${source} ${source}/*.sql)
    list(TRANSFORM names PREPEND ${source}/ OUTPUT_VARIABLE files)
    add_custom_command(OUTPUT ${made} # also when a file is gone: then it is another command
        COMMAND ${CMAKE_COMMAND} -D SOURCE=${source} -D "FILES=${names}"
            -D PREFIX=${prefix} -D HEADER=${folder}/sql.hpp -D TO=${made} -P ${cicada_embed_script}
        DEPENDS ${files} ${cicada_embed_script}
        COMMENT "Embedding ${folder}/*.sql" VERBATIM)
    set_source_files_properties(${made} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    target_sources(${target} PRIVATE ${made})
endfunction()
