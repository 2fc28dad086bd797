/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-pins.h"
#include "door-setup.h"
#include "door-web.h"

typedef struct _DoorGenerations DoorGenerations;

/**
 * DoorGenerationParts:
 * @setup: makes what a configuration names
 * @lasting: what all generations share: storage, writer, clock, random, authority, state key and limit
 * @pages: what people see
 * @translations: in which languages
 *
 * What a generation is made of beside its configuration. Outlives every generation.
 */
typedef struct
{
  const DoorSetup *setup;
  const DoorContext *lasting;
  DoorPages *pages;
  DoorTranslations *translations;
} DoorGenerationParts;

/**
 * DoorGeneration:
 * @number: 1 for the one the server started with
 * @config: the configuration
 * @context: what the services need
 * @web: what the handlers get
 *
 * One configuration and all that was made from it. Immutable but for the metadata of its connections.
 */
typedef struct
{
  unsigned int number;
  DoorConfig *config;
  DoorContext context;
  DoorWeb web;

  /*< private >*/
  DoorPolicy *policy;
  char *topic;
  DoorGenerations *home;
} DoorGeneration;

DoorGenerations *door_generations_new (void);
void door_generations_free (DoorGenerations *self);
DoorGeneration *door_generations_make (DoorGenerations *self, const DoorGenerationParts *parts,
                                       DoorConfig *config, GError **error);
void door_generations_put (DoorGenerations *self, DoorGeneration *next);
DoorGeneration *door_generations_pin (DoorGenerations *self);
void door_generation_unpin (DoorGeneration *self);
unsigned int door_generations_count (DoorGenerations *self);
DoorPins door_generations_get_webs (DoorGenerations *self);
DoorPins door_generations_get_contexts (DoorGenerations *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGenerations, door_generations_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGeneration, door_generation_unpin)
