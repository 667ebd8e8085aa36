# The optional targets cicada::asio, cicada::uv and cicada::glib: cicada at home in other event loops.
# cmake/cicada-config.cmake looks for the same dependencies when a user asks for one of them.

set(cicada_hosts "") # those that are built

if(CICADA_ASIO)
    find_package(Boost 1.81 REQUIRED)
    add_library(cicada_asio INTERFACE) # headers only, for whichever Boost the user has
    target_link_libraries(cicada_asio INTERFACE cicada Boost::headers)
    list(APPEND cicada_hosts asio)
endif()

# cicada_compiled_host(<name> <pkg-config module>): a user's program calls the library itself, so it gets it from us. The
# target that stands for it is global, for it is named in the link interface, wherever that is used.
function(cicada_compiled_host name module)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(cicada_${name}_needs REQUIRED IMPORTED_TARGET GLOBAL ${module})
    add_library(cicada_${name} ${PROJECT_SOURCE_DIR}/src/hosts/${name}.cpp)
    target_link_libraries(cicada_${name} PUBLIC cicada PkgConfig::cicada_${name}_needs)
    set_target_properties(cicada_${name} PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
        INSTALL_RPATH $ORIGIN) # libcicada.so lies beside it
    cicada_developer(cicada_${name})
    set(cicada_hosts ${cicada_hosts} ${name} PARENT_SCOPE)
endfunction()

if(CICADA_UV)
    cicada_compiled_host(uv libuv)
endif()
if(CICADA_GLIB)
    cicada_compiled_host(glib glib-2.0)
endif()

foreach(name IN LISTS cicada_hosts)
    set_target_properties(cicada_${name} PROPERTIES EXPORT_NAME ${name})
    add_library(cicada::${name} ALIAS cicada_${name})
endforeach()
