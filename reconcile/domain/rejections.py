"""Why registration refused a flag update, and what to do then.

In: the reason codes of a D0351 (item J0107 of the Data Transfer Catalogue 15.4). Out: words. Called by lake.trace.
"""

REASONS = {
    "1": "Instruction Type Invalid",
    "2": "MPAN Core Already Exists",
    "3": "MPAN Core Unknown",
    "4": "Registration Already Exists",
    "5": "Data Aggregator Unknown/No Longer Active",
    "6": "Invalid Data Aggregator Appointment Dates",
    "7": "Data Collector Unknown/No Longer Active",
    "8": "Invalid Data Collector Appointment Dates",
    "9": "Meter Operator Unknown/No Longer Active",
    "10": "Invalid Meter Operator Appointment Dates",
    "11": "Meter Timeswitch Code Unknown",
    "12": "Invalid Meter Timeswitch Effective From Dates",
    "13": "Meter Measurement Class Unknown",
    "14": "Invalid Meter Measurement Class Effective From Dates",
    "15": "Meter SSC/Profile Class Unknown",
    "16": "Invalid SSC/Profile Class Effective From Dates",
    "17": "Energisation Status Unknown",
    "18": "Invalid Energisation Status Effective From Dates",
    "19": "Invalid Supplier Registration Effective From Dates",
    "20": "Supplier Not Registered At Metering Point",
    "21": "Supplier Registration is Currently Objected",
    "22": "No Registration Exists For Metering Point",
    "23": "MPAN is Disconnected",
    "24": "Registration After Disconnection Date",
    "25": 'Only "Old" Supplier Allowed to Raise Objection on This Metering Point',
    "26": "Metering Point Has No Objection Currently Held Against It",
    "27": "No Change of Supplier Request Has Been Received For This Metering Point",
    "28": "Registration Too Soon After Previous",
    "29": "Registration Pre-Dates Previous",
    "30": "Objection Received After Objection Period Has Expired",
    "31": "Profile Class/Standard Settlement Configuration Cannot Exist for HH Meter",
    "32": "Future Registration Already Exists",
    "33": "Attempted to Energise Metering Point With Incomplete Set of Data",
    "34": "Distribution Data Not Supplied",
    "35": "Transaction Registration Number and Registration EFD's Are Incorrect",
    "36": "Profile Class Unknown",
    "37": "Standard Settlement Configuration Unknown",
    "38": "Incomplete Instruction",
    "39": "Inconsistency Between Measurement Class and DA/DC Type",
    "40": "Data Aggregator Type Unknown",
    "41": "Data Collector Type Unknown",
    "42": "Initial Registration - Not All Required Data Provided",
    "43": "Metering Point is Not 1998 Traded",
    "44": "Objection Outstanding",
    "45": "Supplier Already Registered at Metering Point",
    "46": "Invalid Change of Tenancy Indicator",
    "47": "Value Provided is the Same as Current",
    "48": "Pending Change Already Exists",
    "49": "Supplier not a Green Deal Licensee",
    "50": "Invalid SMSO Id",
    "51": "Effective From Date {SMSO} invalid",
    "52": "Invalid IHD Status",
    "53": "Effective From Date {IHDI} invalid",
    "54": "Invalid SMETS Version",
    "55": "Invalid DCC Service Flag",
    "56": "Effective From Date {DCCF} invalid",
    "57": "Invalid UPRN",
    "58": "Invalid Supplier ID",
    "59": "Only New Supplier Allowed to withdraw from registration",
    "60": "Withdrawal request received after withdrawal period",
    "61": "Registration has been withdrawn",
    "62": "MHHS Forward Migration in Progress or Completed",
}
"""Every reason that a rejection may have; those that fit a flag update are few."""

NEXT_STEPS = {
    "3": "Check the MPAN: registration does not know it.",
    "20": "Check which supplier is registered at the Meter Point; the update names another.",
    "23": "A D0350 cannot mend the flag of a disconnected MPAN. Agree with the Network Party what is to become of it.",
    "47": "Registration says that it holds this flag already. Compare its date with the extract: one of them is older.",
    "48": "Another change of the Meter Point is pending. Wait until it is in force, then send the update again.",
    "55": "Send a flag that registration takes: A, I or N.",
    "56": "Correct the date from which the flag is effective, and send the update again.",
    "58": "Correct the supplier in the update, and send it again.",
    "62": "The Meter Point is migrating to the half-hourly arrangements. Send the update again when that is complete.",
}
OTHERWISE = "Correct the update and send it again."


def reason_in_words(code: str) -> str:
    """A reason with its code; a code that the catalogue does not know is called unknown. Commas join several."""
    return "; ".join(f"{REASONS.get(one, 'a reason unknown to the catalogue')} (code {one})" for one in code.split(","))


def next_step(code: str | None) -> str:
    """What to do about a rejection; the first of its reasons that says something of its own decides."""
    return next((NEXT_STEPS[one] for one in (code or "").split(",") if one in NEXT_STEPS), OTHERWISE)
