// What is done with the official library, for the peer of the tests and for the benchmarks.
//
// Runs in a folder in which npm has put the library. Segments are encoded one by one: the library's
// way in for CMPs also changes values by the vendor list, which is not what is compared.

import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "peer.cjs"));
export const { GVL, TCModel, TCString, SegmentEncoder, PurposeRestriction, Segment } =
  require("@iabtechlabtcf/core");

const anyVendor = { vendorIds: { has: () => true } };

// A model of the library and the segments that the world has.
export function modelOf(world) {
  const model = new TCModel();
  const fields = {
    cmpId: world.cmp_id,
    cmpVersion: world.cmp_version,
    consentScreen: world.consent_screen,
    consentLanguage: world.consent_language,
    policyVersion: world.policy_version,
    isServiceSpecific: world.is_service_specific,
    useNonStandardTexts: world.use_non_standard_texts,
    purposeOneTreatment: world.purpose_one_treatment,
    publisherCountryCode: world.publisher_cc,
    vendorListVersion: world.vendor_list_version,
    created: new Date(world.created_ds * 100),
    lastUpdated: new Date(world.last_updated_ds * 100),
  };
  Object.assign(model, fields);
  const sets = {
    specialFeatureOptins: world.special_feature_optins,
    purposeConsents: world.purpose_consents,
    purposeLegitimateInterests: world.purpose_legitimate_interests,
    vendorConsents: world.vendor_consents,
    vendorLegitimateInterests: world.vendor_legitimate_interests,
    vendorsDisclosed: world.disclosed_vendors ?? [],
    vendorsAllowed: world.allowed_vendors ?? [],
  };
  const segments = [Segment.CORE];
  if (world.disclosed_vendors) segments.push(Segment.VENDORS_DISCLOSED);
  if (world.allowed_vendors) segments.push(Segment.VENDORS_ALLOWED);
  if (world.publisher_tc) {
    const publisher = world.publisher_tc;
    segments.push(Segment.PUBLISHER_TC);
    model.numCustomPurposes = publisher.num_custom_purposes;
    sets.publisherConsents = publisher.consents;
    sets.publisherLegitimateInterests = publisher.legitimate_interests;
    sets.publisherCustomConsents = publisher.custom_consents;
    sets.publisherCustomLegitimateInterests = publisher.custom_legitimate_interests;
  }
  for (const [name, ids] of Object.entries(sets)) model[name].set(ids);
  for (const [purpose, type, ids] of world.publisher_restrictions)
    for (const id of ids) model.publisherRestrictions.add(id, new PurposeRestriction(purpose, type));
  model.publisherRestrictions.gvl_ = anyVendor;
  return { model, segments };
}

export const encode = ({ model, segments }) =>
  segments.map((segment) => SegmentEncoder.encode(model, segment)).join(".");

export const write = (world) => encode(modelOf(world));

const ids = (vector) => {
  const found = [];
  vector.forEach((value, id) => value && found.push(id));
  return found;
};

export function read(text) {
  const model = TCString.decode(text);
  const restrictions = [];
  for (const item of model.publisherRestrictions.getRestrictions())
    restrictions.push([item.purposeId, item.restrictionType, model.publisherRestrictions.getVendors(item)]);
  return {
    cmp_id: model.cmpId,
    cmp_version: model.cmpVersion,
    consent_screen: model.consentScreen,
    consent_language: model.consentLanguage,
    policy_version: model.policyVersion,
    is_service_specific: model.isServiceSpecific,
    use_non_standard_texts: model.useNonStandardTexts,
    purpose_one_treatment: model.purposeOneTreatment,
    publisher_cc: model.publisherCountryCode,
    vendor_list_version: model.vendorListVersion,
    created_ds: model.created.getTime() / 100,
    last_updated_ds: model.lastUpdated.getTime() / 100,
    special_feature_optins: ids(model.specialFeatureOptins),
    purpose_consents: ids(model.purposeConsents),
    purpose_legitimate_interests: ids(model.purposeLegitimateInterests),
    vendor_consents: ids(model.vendorConsents),
    vendor_legitimate_interests: ids(model.vendorLegitimateInterests),
    disclosed_vendors: ids(model.vendorsDisclosed),
    allowed_vendors: ids(model.vendorsAllowed),
    publisher_restrictions: restrictions,
    publisher_tc: {
      consents: ids(model.publisherConsents),
      legitimate_interests: ids(model.publisherLegitimateInterests),
      num_custom_purposes: model.numCustomPurposes,
      custom_consents: ids(model.publisherCustomConsents),
      custom_legitimate_interests: ids(model.publisherCustomLegitimateInterests),
    },
  };
}

