#!/bin/sh
# install.sh FOLDER: a real VS Code (code-server from npm), the node that it needs and a driver for
# the browser, as pinned in host/package-lock.json, into FOLDER. Does nothing when they are there.
# Needs a compiler and python3 for the two native modules. The browser is Debian's chromium.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
quiet="--no-audit --no-fund --loglevel=error"

if cmp -s "$here/host/package-lock.json" "$folder/.installed-lock"; then exit 0; fi
mkdir -p "$folder"
rm -rf "$folder/node_modules" "$folder/.installed-lock"
cp "$here/host/package.json" "$here/host/package-lock.json" "$folder/"
cd "$folder"
npm ci --ignore-scripts $quiet

node=$(echo "$folder"/node_modules/node-linux-*)
PATH=$node/bin:$PATH
npm_config_nodedir=$node # headers of this node, not of the system's
export PATH npm_config_nodedir
cd node_modules/code-server/lib/vscode
npm ci --legacy-peer-deps --omit=dev --ignore-scripts $quiet
(cd extensions && npm ci --omit=dev --ignore-scripts $quiet)
npm rebuild @vscode/spdlog @vscode/native-watchdog $quiet
cp "$here/host/package-lock.json" "$folder/.installed-lock"
